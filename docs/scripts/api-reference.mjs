/**
 * The API reference: every public entry of every package, as one TypeScript program, so that a type of core is the same type on an
 * adapter's page; each is documented where it is exported first. An export without words, a broken link or a type that users meet
 * and can't name is an error.
 */
import { join } from "node:path";
import { Application, Converter, ReflectionKind } from "typedoc";
import ts from "typescript";
import { publicEntries } from "./public-entries.mjs";

/** Properties may speak for themselves. */
const mustHaveWords = [
  "Module",
  "Function",
  "Class",
  "Interface",
  "TypeAlias",
  "Variable",
  "Constructor",
  "Method",
  "Accessor",
  "CallSignature",
];

/** Types that users meet and needn't name: what is inside a handle of `onnxBackend`, and the validators that types of plans and messages are made of. */
const notPublic = {
  "@comhe/onnx": ["trace.ts:Traced"],
  "@comhe/jobs": [
    "schema.ts:fingerprint",
    "schema.ts:layersPlan",
    "schema.ts:pairEnergy",
    "schema.ts:model",
    "schema.ts:studyPlan",
    "schema.ts:tablePlan",
    "schema.ts:table",
    "messages.ts:aliveSchema",
    "messages.ts:boardSchema",
    "messages.ts:deadSchema",
    "messages.ts:refusalSchema",
    "credentials.ts:Environment",
  ],
};

function createProgram(root, entries) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  Object.assign(config.compilerOptions, {
    types: ["node"],
    lib: [...config.compilerOptions.lib, "DOM"],
    paths: Object.fromEntries(entries.map(({ specifier, source }) => [specifier, [source]])),
  });
  config.files = entries.map(({ source }) => source);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, options);
  const errors = ts.getPreEmitDiagnostics(program);
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, ts.createCompilerHost(options)));
  return program;
}

/** A member that an interface inherits is on the page of the interface that declares it, which this one's page names. */
function dropInherited({ project }) {
  const inherited = project
    .getReflectionsByKind(ReflectionKind.ClassMember)
    .filter(({ inheritedFrom }) => inheritedFrom?.reflection);
  for (const member of inherited) project.removeReflection(member);
}

/** A type that a validator's schema implies is a union, whose members say the same of the same key: typedoc takes one of the comments. */
function ignoreUnions(logger) {
  const warn = logger.warn.bind(logger);
  logger.warn = (text, ...where) => {
    if (!/ has multiple declarations with a comment/.test(text)) warn(text, ...where);
  };
}

/** typedoc looks at the exports of one package: the project's own. */
function validate(app, project, names) {
  names.forEach((name, n) => {
    project.packageName = name;
    app.options.setValue("intentionallyNotExported", notPublic[name] ?? []);
    app.options.setValue("validation", { notExported: true, notDocumented: true, invalidLink: n === 0 });
    app.validate(project);
  });
  project.packageName = undefined;
  const { errorCount, warningCount } = app.logger;
  const gaps = errorCount + warningCount;
  if (gaps > 0) throw new Error(`the API reference has ${gaps} gaps, listed above`);
}

/** @param packages their folders */
export async function writeApiReference(root, packages, out) {
  const entries = (await Promise.all(packages.map(publicEntries))).flat();
  const program = createProgram(root, entries);
  const app = await Application.bootstrapWithPlugins({
    name: "API",
    entryPoints: entries.map(({ source }) => source),
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
    out,
    docsRoot: join(root, "docs"),
    readme: "none",
    sortEntryPoints: false,
    disableSources: true,
    indexFormat: "table",
    parametersFormat: "table",
    requiredToBeDocumented: mustHaveWords,
    logLevel: "Warn",
  });
  ignoreUnions(app.logger);
  // Once typedoc knows what is inherited, and before it sorts members into groups.
  app.converter.on(Converter.EVENT_RESOLVE_END, dropInherited, -50);
  const project = app.converter.convert(
    entries.map(({ specifier, source }) => ({
      displayName: specifier,
      program,
      sourceFile: program.getSourceFile(source),
    })),
  );
  validate(app, project, [...new Set(entries.map(({ name }) => name))]);
  await app.generateOutputs(project);
}
