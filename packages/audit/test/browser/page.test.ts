/** The page as people use it, in Chromium: by keyboard, in the dark, on a phone; cancelled, handed what can't be read, or what means harm. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { randomStream } from "@comhe/core";
import { launchChromium, type Page, type Served, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npyBytes, safetensorsBytes } from "../../../models/test/weights-files.js";
import { choose, given, openPage, savedReport, servePage, settled } from "./page-server.js";

if (skipReason) console.info(`the page that audits: skipped, ${skipReason}`);

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

function tensor(name: string, count: number, dim: number, seed = name) {
  const data = randomStream(7, seed, 0).fillNormal(new Float32Array(count * dim));
  return { name, dtype: "F32", shape: [count, dim], bytes: new Uint8Array(data.buffer), data };
}
const model = (name: string, ...tensors: readonly ReturnType<typeof tensor>[]) =>
  given(name, safetensorsBytes([...tensors]));

/** One row four times, and a dead one. */
function planted(name: string) {
  const made = tensor(name, 60, 16);
  for (const row of [10, 20, 30]) made.data.copyWithin(row * 16, 0, 16);
  made.data.fill(0, 40 * 16, 41 * 16);
  return made;
}

describe.skipIf(skipReason !== undefined)("the page that audits", () => {
  let isolated: Served;
  let plain: Served;
  let browser: Awaited<ReturnType<typeof launchChromium>>;

  beforeAll(async () => {
    const remote = safetensorsBytes([planted("remote.weight")]);
    isolated = await servePage(true);
    plain = await servePage(false, new Map([["/model.safetensors", remote]]));
    browser = await launchChromium([]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await isolated?.close();
    await plain?.close();
  });

  const text = (page: Page) => page.locator("main").innerText();

  test("a dropped file is audited on threads where the page is isolated, and says what stands out", async () => {
    const { page, requests, complaints } = await openPage(
      isolated,
      { viewport: { width: 1280, height: 900 } },
      browser,
    );
    const bytes = safetensorsBytes([planted("blocks.0.weight"), tensor("head.weight", 50, 16)]);
    await page.evaluate((base64) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([content], "model.safetensors"));
      dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, Buffer.from(bytes).toString("base64"));
    await page.locator("body[data-state=done]").waitFor();
    const said = await text(page);
    expect(said).toContain("1 neuron is dead");
    expect(said).toMatch(/3 of 60 neurons repeat another, in 1 group, the largest of 4/);
    expect(said).toMatch(/WebAssembly, relaxed SIMD, [2-9]\d* threads/);
    // What is read of the report begins there.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("model.safetensors");
    const report = await savedReport(page);
    expect(report.layers.map(({ layer }) => layer).sort()).toEqual(["blocks.0.weight", "head.weight"]);
    for (const address of requests) expect(address).toMatch(new RegExp(`^(blob:)?${isolated.url}`));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("an adapter on a base in several files is audited as what both make", async () => {
    const { page } = await openPage(plain, {}, browser);
    const config = { peft_type: "LORA", r: 2, lora_alpha: 0.2, target_modules: ["q_proj"] };
    const name = (block: number) => `model.layers.${block}.self_attn.q_proj`;
    const shards = [0, 1].map((block) => {
      const { bytes, ...rest } = tensor(`${name(block)}.weight`, 24, 16);
      return given(`model-0000${block + 1}-of-00002.safetensors`, safetensorsBytes([{ ...rest, bytes }]));
    });
    const map = [0, 1].map((block) => [`${name(block)}.weight`, shards[block]!.name]);
    const index = given("model.safetensors.index.json", JSON.stringify({ weight_map: Object.fromEntries(map) }));
    const factors = [0, 1].flatMap((block) => [
      tensor(`base_model.model.${name(block)}.lora_A.weight`, 2, 16),
      tensor(`base_model.model.${name(block)}.lora_B.weight`, 24, 2),
    ]);
    const adapter = model("adapter_model.safetensors", ...factors);
    const files = [adapter, given("adapter_config.json", JSON.stringify(config)), index, ...shards];
    expect(await choose(page, files)).toBe("opened");
    await page.getByRole("button", { name: "Audit the adapted model, W + ΔW" }).click();
    await page.locator("body[data-state=done]").waitFor();
    const { layers } = await savedReport(page);
    expect(layers.map(({ layer, note }) => [layer, /W \+ |ΔW/.test(note ?? "")]).sort()).toEqual([
      [`${name(0)}.weight`, true],
      [`${name(1)}.weight`, true],
    ]);
    // ΔW alone has a rank of 2.
    for (const { effectiveRank } of layers) expect(effectiveRank).toBeGreaterThan(5);
    await page.close();
  });

  test("neither the page nor its worker can connect to anywhere", async () => {
    const { page } = await openPage(plain, {}, browser);
    const [worker] = await Promise.all([
      page.waitForEvent("worker"),
      choose(page, [
        model("a.safetensors", tensor("a.weight", 20, 8)),
        model("b.safetensors", tensor("b.weight", 20, 8)),
      ]),
    ]);
    const tries = async (url: string) => {
      const failed = (error: Error) => error.name;
      const answers = [
        await fetch(url).then(() => "connected", failed),
        await new Promise((resolve) => {
          try {
            const socket = new WebSocket(url.replace(/^http/, "ws"));
            socket.onopen = () => resolve("connected");
            socket.onerror = () => resolve("refused");
          } catch (error) {
            resolve(failed(error as Error));
          }
        }),
      ];
      return answers;
    };
    // Its own server answers whoever asks: it is the policy that forbids to ask.
    const url = `${plain.url}model.safetensors`;
    for (const answers of [await page.evaluate(tries, url), await worker.evaluate(tries, url)]) {
      expect(answers).not.toContain("connected");
    }
    expect(
      await page.evaluate(async (url) => {
        const image = new Image();
        const loaded = new Promise((resolve) => {
          image.onload = () => resolve("loaded");
          image.onerror = () => resolve("refused");
        });
        image.src = `${url}page.css?stolen`;
        return loaded;
      }, plain.url),
    ).toBe("refused");
    await page.close();
  });

  test("several files are several models, shown side by side, saved, and opened again", async () => {
    const { page } = await openPage(plain, { acceptDownloads: true }, browser);
    const before = model("before.safetensors", planted("a.weight"), tensor("b.weight", 40, 16));
    const after = model("after.safetensors", tensor("a.weight", 60, 16), tensor("b.weight", 40, 16));
    expect(await choose(page, [before, after, given("README.md", "# no model")])).toBe("opened");
    expect(await text(page)).toContain("Beside them: README.md");
    await page.getByRole("button", { name: "Audit", exact: true }).click();
    await page.locator("body[data-state=done]").waitFor();
    expect(await page.locator("h2").first().textContent()).toBe("Choose files");
    await page.getByRole("button", { name: "Compare: before.safetensors → after.safetensors" }).click();
    expect(await text(page)).toContain("From before.safetensors to after.safetensors");
    // Their numbers are compared, too, and told in words.
    await page.locator("#comparing").waitFor({ state: "detached" });
    expect(await text(page)).toMatch(/1 of 2 matched layers changed, 1 is the same to the last bit/);
    const report = await savedReport(page);
    expect(new Set(report.layers.map(({ file }) => file)).size).toBe(2);
    const audits = await page
      .getByRole("button", { name: "Both audits" })
      .click()
      .then(() => page.locator("#report").innerText());
    // Opened again it is the same to read, but for what computed it.
    expect(await choose(page, [given("saved.audit.json", JSON.stringify(report))])).toBe("done");
    const again = await page.locator("#report").innerText();
    expect(again.split("\n").filter((line) => line !== "")).toEqual(
      audits.split("\n").filter((line) => line !== "" && !line.startsWith("Computed in")),
    );
    // A page saved from it opens offline, by itself.
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as a page" }).click(),
    ]);
    const saved = readFileSync((await download.path())!, "utf8");
    expect(saved).toMatch(/^<!doctype html>[\s\S]+Redundancy of 2 models[\s\S]+<\/html>\n$/);
    await page.close();
  });

  test("reports that aren't, or were tampered with, are refused", async () => {
    const { page } = await openPage(plain, {}, browser);
    await choose(page, [model("a.safetensors", tensor("a.weight", 20, 8))]);
    const report = JSON.parse(JSON.stringify(await savedReport(page)));
    report.layers[0].count = "<img src=x onerror=alert(1)>";
    expect(await choose(page, [given("a.json", JSON.stringify(report))])).toBe("idle");
    expect(await text(page)).toMatch(/a\.json: it isn't a report of this version: at #\/layers\/0\/count/);
    expect(await page.locator("img").count()).toBe(0);
    expect(await choose(page, [given("b.json", JSON.stringify(report).slice(0, 500))])).toBe("idle");
    expect(await text(page)).toContain("b.json: it begins as a report, but isn't whole JSON");
    expect(await choose(page, [given("config.json", JSON.stringify({ model_type: "bert" }))])).toBe("idle");
    expect(await text(page)).toContain("it is a model's config, and it holds no weights");
    await page.close();
  });

  test("each refused file says why and what to do, and the others are audited", async () => {
    const { page } = await openPage(plain, {}, browser);
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000\n";
    const files = [
      given("pointer.safetensors", pointer),
      given("page.onnx", "<!doctype html><html><body>Not found</body></html>"),
      given("cut.npy", npyBytes([20, 8], new Uint8Array(100))),
      model("whole.safetensors", tensor("a.weight", 20, 8)),
    ];
    expect(await choose(page, files)).toBe("opened");
    const said = await text(page);
    expect(said).toMatch(/pointer\.safetensors: it is .*Git LFS/);
    expect(said).toMatch(/page\.onnx: .*web page/);
    await page.getByRole("button", { name: "Audit", exact: true }).click();
    await page.locator("body[data-state=done]").waitFor();
    expect((await savedReport(page)).layers.map(({ layer }) => layer)).toEqual(["a.weight"]);
    await page.close();
  });

  test("names mean nothing, whatever they are", async () => {
    const { page, complaints } = await openPage(plain, {}, browser);
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"'&\u202e`;
    expect(
      await choose(page, [model(`${hostile.replaceAll("/", "")}.safetensors`, planted(hostile), tensor("b", 30, 8))]),
    ).toBe("done");
    expect(await page.title()).not.toContain("owned");
    expect(await page.locator("#report :is(img, script, iframe)").count()).toBe(0);
    expect(await text(page)).not.toContain("\u202e");
    expect(await text(page)).toContain("<img src=x onerror=");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("an audit is cancelled between two parts, and what is done is kept", async () => {
    const { page } = await openPage(plain, {}, browser);
    const small = tensor("first.weight", 30, 16);
    const { data, ...one } = tensor("large", 3000, 128);
    const large = Array.from({ length: 6 }, (_, n) => ({ ...one, data, name: `large${n}.weight` }));
    await page.locator("#files-input").setInputFiles([model("m.safetensors", small, ...large)]);
    await page.locator("#done li").first().waitFor();
    expect(await page.locator("progress").getAttribute("aria-label")).toBe("Progress of the audit");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("status").textContent()).toContain("Cancelling");
    expect(await settled(page)).toBe("done");
    const report = await savedReport(page);
    expect(report.interrupted).toBe(true);
    expect(report.layers.length).toBeGreaterThan(0);
    expect(report.layers.length).toBeLessThan(7);
    expect(await text(page)).toContain("It was cancelled");
    await page.close();
  });

  test("a model on a server is read by its address, and from no other server", async () => {
    const { page, requests } = await openPage(
      plain,
      {},
      browser,
      `url.html?model=${encodeURIComponent(`${plain.url}model.safetensors`)}`,
    );
    expect(await settled(page), await text(page)).toBe("done");
    expect(await text(page)).toContain("3 of 60 neurons repeat another");
    expect(requests).toContain(`${plain.url}model.safetensors`);
    const answers = await page.evaluate(
      async (url) => [
        await fetch(`${url}main.js`).then(() => "connected"),
        await fetch(url.replace("127.0.0.1", "localhost")).then(
          () => "connected",
          () => "refused",
        ),
      ],
      plain.url,
    );
    expect(answers).toEqual(["connected", "refused"]);
    await page.goto(`${plain.url}url.html?model=ftp%3A%2F%2Fhost%2Fm`);
    await page.locator("body[data-state=idle]").waitFor();
    expect(await text(page)).toContain("ftp://host/m: expected https");
    await page.close();
  });

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)(
    "%s, %i pixels wide: nothing for axe to find, nothing wider than the screen, at any time",
    async (colorScheme, width) => {
      const options = { viewport: { width, height: 900 }, colorScheme, bypassCSP: true };
      const { page } = await openPage(plain, options, browser);
      const check = async (when: string) => {
        if (process.env.COMHE_SCREENSHOTS) {
          await page.screenshot({
            path: `${process.env.COMHE_SCREENSHOTS}/page-${when}-${colorScheme}-${width}.png`,
            fullPage: when !== "report",
          });
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth), when).toBe(width);
        await page.addScriptTag({ path: axe });
        const found = (await page.evaluate("axe.run(document)")) as {
          violations: { id: string; nodes: { html: string }[] }[];
        };
        expect(found.violations.map(({ id, nodes }) => `${when}: ${id}: ${nodes[0]!.html.slice(0, 150)}`)).toEqual([]);
      };
      await check("start");
      const long = `${"block_with_a_long_name.".repeat(5)}weight`;
      await choose(page, [
        model("a.safetensors", planted(long)),
        model("b.safetensors", tensor("b", 30, 8)),
        given("c.onnx", "<html>"),
      ]);
      await check("choice");
      await page.getByRole("button", { name: "Audit", exact: true }).click();
      await page.locator("body[data-state=done]").waitFor();
      await check("report");
      await page.goto(`${plain.url}url.html`);
      await page.locator("body[data-state=idle]").waitFor();
      await check("address");
      await page.close();
    },
  );

  test("by the keyboard alone: files are chosen, an audit is begun, its table sorted", async () => {
    const { page } = await openPage(plain, {}, browser);
    // Chromium is told to hand choosers over as soon as someone listens: well before the key is pressed.
    page.on("filechooser", () => undefined);
    const reach = async (name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press("Tab");
        if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === name) return;
      }
      throw new Error(`${name} isn't reached`);
    };
    await reach("Choose files…");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
    await chooser.setFiles([
      model("a.safetensors", tensor("a", 30, 8), tensor("b", 60, 8)),
      model("c.safetensors", tensor("c", 40, 8)),
    ]);
    await page.locator("body[data-state=opened]").waitFor();
    await reach("Audit");
    await page.keyboard.press("Enter");
    await page.locator("body[data-state=done]").waitFor();
    await reach("N");
    await page.keyboard.press("Enter");
    const counts = await page.locator("table.sortable").last().locator("tbody tr > :nth-child(2)").allTextContents();
    expect(counts).toEqual(["60", "40", "30"]);
    await page.close();
  });
});
