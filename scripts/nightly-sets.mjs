/**
 * What takes too long for every change: each set with its command, and why it isn't in `npm test`, which prints the list. The nightly workflow runs them all,
 * `npm run test:nightly -- NAME…` some of them here.
 */
const workspace = (name, script) => ["npm", "run", script, `--workspace=@comhe/${name}`];

export const nightlySets = {
  engines: {
    commands: ["tfjs", "onnx", "wasm", "cli"].map((name) => workspace(name, "test:all")),
    why: "the whole conformance suite also on engines under operations that another one proves whole; an audit of a file of 1.2 GB",
  },
  gpus: {
    commands: ["webgpu", "gpujs"].map((name) => workspace(name, "test:all")),
    why: "the whole conformance suite on GPUs in software: an hour",
  },
  packages: { commands: [["npm", "run", "test:packages"]], why: "the tarballs in thirty empty projects" },
  release: { commands: [["npm", "run", "test:release"]], why: "a release rehearsed against a registry on loopback" },
  fuzz: {
    commands: [workspace("models", "fuzz"), workspace("audit", "fuzz")],
    why: "thirty to a hundred times as many damaged files",
  },
  machines: {
    commands: [workspace("jobs", "test:cluster"), ["npm", "run", "chaos", "--workspace=@comhe/jobs", "--", "3"]],
    why: "a cluster of three servers that loses each in turn; three runs of chaos",
  },
  fidelity: { commands: [workspace("test", "fidelity")], why: "the authors' formulation over more layers and seeds" },
  accessibility: {
    commands: [workspace("docs", "accessibility")],
    why: "axe-core on every page, light, dark and on a phone",
  },
};
