/**
 * Sessions by the key of their graph. One is built at the first sight of a key and serves every later run; the least
 * recently used make room for new ones. Runs of one runtime follow each other: some of its providers can't do two at once.
 */
import { EnergyError } from "@comhe/core";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { bundledProviders, missingProvider, providerNames, refusedOptions } from "./providers.js";
import type { ExecutionProviders, OnnxRuntime, SessionOptions } from "./runtime.js";
import { withDefaults } from "./session-options.js";

/** Graphs kept at once: more layers of different shapes than a model has. */
const mostSessions = 128;

const lastRuns = new WeakMap<object, Promise<unknown>>();

export class Sessions {
  private readonly kept = new Map<string, Promise<InferenceSession>>();
  private disposed = false;
  /** Sessions built so far. */
  built = 0;

  constructor(
    private readonly runtime: OnnxRuntime,
    private providers: ExecutionProviders,
    private readonly options: SessionOptions,
  ) {}

  /** The first provider: after {@link settle}, one that works. */
  get provider(): string | undefined {
    return providerNames(this.providers)[0];
  }

  /**
   * Leaves out the providers before the first that can build a session: ONNX Runtime itself fails where one can't be loaded.
   *
   * @throws EnergyError `missing-peer` where none can, `invalid-config` where none was asked for
   */
  async settle(model: Uint8Array): Promise<void> {
    const { providers } = this;
    const reasons: unknown[] = [];
    for (let first = 0; first < Math.max(1, providers.length); first++) {
      this.providers = providers.slice(first);
      try {
        const session = await this.create(model);
        return await this.inTurn(() => session.release());
      } catch (error) {
        reasons.push(error);
      }
    }
    if (providers.length === 0) throw refusedOptions(reasons[0]);
    throw missingProvider(providerNames(providers), reasons, bundledProviders(this.runtime));
  }

  async run(
    key: string,
    model: () => Uint8Array,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<InferenceSession.ReturnType> {
    if (this.disposed) {
      throw new EnergyError("unsupported", "This onnxBackend was disposed of: its sessions are gone. Make a new one.");
    }
    const session = this.session(key, model);
    return this.inTurn(async () => (await session).run(feeds));
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await Promise.all([...this.kept.keys()].map((key) => this.release(key)));
  }

  private session(key: string, model: () => Uint8Array): Promise<InferenceSession> {
    const session = this.kept.get(key) ?? this.build(model());
    // Last in the order of use.
    this.kept.delete(key);
    this.kept.set(key, session);
    session.catch(() => this.kept.delete(key));
    const [oldest] = this.kept.keys();
    if (this.kept.size > mostSessions) void this.release(oldest!);
    return session;
  }

  private build(model: Uint8Array): Promise<InferenceSession> {
    this.built++;
    return this.create(model);
  }

  private create(model: Uint8Array): Promise<InferenceSession> {
    const { providers } = this;
    const options = { ...withDefaults(this.options), ...(providers.length > 0 && { executionProviders: providers }) };
    return this.inTurn(() => this.runtime.InferenceSession.create(model, options));
  }

  /** After all runs that were asked for before. */
  private async release(key: string): Promise<void> {
    const session = this.kept.get(key);
    this.kept.delete(key);
    await this.inTurn(async () => (await session?.catch(() => undefined))?.release());
  }

  private inTurn<R>(task: () => Promise<R>): Promise<R> {
    const before = lastRuns.get(this.runtime) ?? Promise.resolve();
    const mine = before.then(task);
    lastRuns.set(
      this.runtime,
      mine.catch(() => undefined),
    );
    return mine;
  }
}
