import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['nodes', 'sim', 'policies', 'launch', 'web-viewer', 'test'];
/** Pure: no engine, no input or output, no clock, no randomness of its own. */
const PURE = [
  'sim/errors.ts',
  'sim/nearest-name.ts',
  'sim/schema.ts',
  'sim/math/',
  'sim/onnx/',
  'sim/robot/',
  'sim/task/',
  'sim/terrain/',
];

/** Who may import what inside the project: first matching prefix wins. */
const MAY_IMPORT: readonly { readonly from: string; readonly allowed: readonly string[] }[] = [
  { from: 'sim/math/', allowed: ['sim/errors.ts', 'sim/math/'] },
  { from: 'sim/errors.ts', allowed: [] },
  { from: 'sim/nearest-name.ts', allowed: [] },
  { from: 'sim/schema.ts', allowed: ['sim/errors.ts', 'sim/nearest-name.ts'] },
  { from: 'sim/onnx/', allowed: ['sim/errors.ts', 'sim/onnx/'] },
  {
    from: 'sim/robot/',
    allowed: ['sim/errors.ts', 'sim/schema.ts', 'sim/math/', 'sim/onnx/', 'sim/robot/'],
  },
  {
    from: 'sim/task/',
    allowed: [
      ...['sim/errors.ts', 'sim/math/', 'sim/robot/', 'sim/task/'],
      // What a task says of itself: data, and their types.
      ...['sim/randomize/config.ts', 'sim/terrain/config.ts', 'sim/terrain/scene.ts'],
    ],
  },
  {
    from: 'sim/terrain/',
    allowed: ['sim/errors.ts', 'sim/math/', 'sim/robot/', 'sim/terrain/'],
  },
  { from: 'sim/', allowed: ['sim/'] },
  { from: 'policies/training/', allowed: ['sim/', 'policies/'] },
  { from: 'policies/evaluation/', allowed: ['sim/', 'policies/'] },
  {
    from: 'policies/',
    allowed: [...PURE, 'sim/load-typescript.js', 'policies/'],
  },
  { from: 'web-viewer/', allowed: ['web-viewer/', ...PURE] },
  // What runs beside a robot never loads a physics engine: only the simulator node knows a world.
  { from: 'nodes/simulator', allowed: ['sim/', 'policies/', 'nodes/'] },
  {
    from: 'nodes/',
    allowed: [
      ...PURE,
      'sim/make-folder.ts',
      'sim/zstd.ts',
      'policies/',
      'nodes/',
      'web-viewer/protocol.ts',
      'web-viewer/codec.ts',
      'web-viewer/mesh-format.ts',
      'web-viewer/robot-schema.ts',
      'web-viewer/build.ts',
    ],
  },
  { from: 'launch/', allowed: ['sim/', 'policies/', 'nodes/', 'web-viewer/', 'launch/'] },
  { from: 'test/', allowed: [''] },
];

/** A robot's computer must never load these: only training and evaluation may. */
const NOT_ON_ROBOT = ['policies/training/', 'policies/evaluation/'];

/** A heavy dependency has one doorway. */
const DOORWAYS: readonly { readonly package: RegExp; readonly only: readonly string[] }[] = [
  { package: /^@dimforge\//, only: ['sim/engine/rapier/api.ts'] },
  { package: /^@mujoco\//, only: ['sim/engine/mujoco/load.ts'] },
  {
    package: /^onnxruntime/,
    only: ['policies/onnx/', 'policies/runtime/', 'launch/bench/loop.ts'],
  },
  {
    package: /^protobufjs/,
    only: ['policies/onnx/', 'sim/onnx/', 'policies/training/run/event-file.ts'],
  },
  { package: /^@jax-js\//, only: ['test/kit/jax.ts'] },
  { package: /^rclnodejs/, only: ['nodes/ros/rcl.ts'] },
  { package: /^@foxglove\//, only: ['nodes/ros/', 'nodes/recording/'] },
  { package: /^@bokuweb\//, only: ['sim/zstd.ts'] },
  { package: /^@mcap\//, only: ['nodes/recording/', 'sim/dataset/mcap-format.ts'] },
  { package: /^parquet-wasm/, only: ['sim/dataset/parquet-file.ts'] },
  { package: /^apache-arrow/, only: ['sim/dataset/'] },
  { package: /^vega/, only: ['sim/dataset/report/'] },
  { package: /^ws$/, only: ['nodes/viewer/'] },
  { package: /^three/, only: ['web-viewer/src/', 'sim/robot/mesh/'] },
  { package: /^@xmldom\//, only: ['sim/robot/mesh/collada.ts'] },
  { package: /^pure-rand/, only: ['sim/math/rng.ts'] },
  { package: /^(commander|picocolors|cli-progress)/, only: ['launch/'] },
];

/** What pure code may be built from. */
const PURE_PACKAGES = /^(zod|yaml|fast-xml-parser|pure-rand(\/.*)?|protobufjs\/light\.js)$/;
/** What only the readers of mesh files may be built from besides. */
const MESH_PACKAGES = /^(three(\/.*)?|@xmldom\/xmldom)$/;
/** What would make a result depend on more than the arguments, or act on the world. */
const IMPURE_GLOBALS = new Set([
  ...[
    'fetch',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'WebSocket',
    'Worker',
  ],
  ...['Date', 'performance', 'process', 'globalThis', 'console', 'Atomics', 'SharedArrayBuffer'],
]);

/** The few files that are allowed to see the real clock inside sim and policies; the second one throws old files away. */
const CLOCK_DOORWAYS = ['policies/runtime/clock.ts', 'sim/bundle-typescript.js'];
/** The few files that are allowed to touch the file system inside the pure folders. */
const FILE_DOORWAYS = [
  'sim/robot/describe.ts',
  'sim/robot/load.ts',
  'sim/robot/networks.ts',
  'sim/robot/open.ts',
  'sim/robot/packages.ts',
];
/** Loaders made for a page, which a doorway gives what they take from one. */
const PAGE_DOORWAYS = ['sim/robot/mesh/collada.ts', 'sim/robot/mesh/quietly.ts'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly specifier: string; readonly typeOnly: boolean }[];
}

function listSources(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((entry) => {
    const path = `${folder}/${entry}`;
    if (['node_modules', 'dist'].includes(entry)) return [];
    if (statSync(join(ROOT, path)).isDirectory()) return listSources(path);
    return /\.(ts|tsx|js)$/.test(entry) ? [path] : [];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const imports = [
    ...module.staticImports.map((entry) => ({
      specifier: entry.moduleRequest.value,
      typeOnly: entry.entries.length > 0 && entry.entries.every((name) => name.isType),
    })),
    ...module.staticExports.flatMap((statement) =>
      statement.entries.flatMap((entry) =>
        entry.moduleRequest
          ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }]
          : [],
      ),
    ),
    ...module.dynamicImports.flatMap((entry) => {
      const specifier = text.slice(entry.moduleRequest.start, entry.moduleRequest.end);
      return /^['"`]/.test(specifier)
        ? [{ specifier: specifier.slice(1, -1), typeOnly: false }]
        : [];
    }),
  ];
  return { path, text, imports };
}

const sources = FOLDERS.flatMap(listSources).map(readSource);

function matches(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}

function resolveInside(source: SourceFile, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(source.path), specifier));
}

describe('architecture', () => {
  it('finds the sources it is meant to judge', () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(sources.some((source) => source.imports.length > 3)).toBe(true);
  });

  it('lets each folder import only what its rule allows', () => {
    const offences = sources.flatMap((source) => {
      const rule = MAY_IMPORT.find(({ from }) => source.path.startsWith(from));
      if (rule === undefined) return [`${source.path}: no rule covers it`];
      return source.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => resolveInside(source, specifier))
        .filter((target) => !matches(target, rule.allowed))
        .map((target) => `${source.path} → ${target}`);
    });
    expect(offences).toEqual([]);
  });

  it('keeps training and evaluation off the robot', () => {
    const offences = sources
      .filter(({ path }) => path.startsWith('policies/') && !matches(path, NOT_ON_ROBOT))
      .flatMap((source) =>
        source.imports
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => resolveInside(source, specifier))
          .filter((target) => matches(target, NOT_ON_ROBOT))
          .map((target) => `${source.path} → ${target}`),
      );
    expect(offences).toEqual([]);
  });

  it('lets nothing but tests import tests', () => {
    const offences = sources
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap((source) =>
        source.imports
          .filter(({ specifier }) => specifier.startsWith('.'))
          .filter(({ specifier }) => resolveInside(source, specifier).startsWith('test/'))
          .map(({ specifier }) => `${source.path} → ${specifier}`),
      );
    expect(offences).toEqual([]);
  });

  it('gives every heavy dependency one doorway', () => {
    const offences = sources
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap((source) =>
        source.imports.flatMap(({ specifier, typeOnly }) => {
          const doorway = DOORWAYS.find((rule) => rule.package.test(specifier));
          if (doorway === undefined || typeOnly || matches(source.path, doorway.only)) return [];
          return [`${source.path} → ${specifier} (only ${doorway.only.join(', ')})`];
        }),
      );
    expect(offences).toEqual([]);
  });

  it('lets the pure folders import a short list of packages and nothing of Node', () => {
    const offences = sources
      .filter(({ path }) => matches(path, PURE) && !FILE_DOORWAYS.includes(path))
      .flatMap((source) =>
        source.imports
          .filter(({ specifier }) => !specifier.startsWith('.'))
          .filter(({ specifier }) => !PURE_PACKAGES.test(specifier))
          .filter(
            ({ specifier }) =>
              !source.path.startsWith('sim/robot/mesh/') || !MESH_PACKAGES.test(specifier),
          )
          .map(({ specifier }) => `${source.path} → ${specifier}`),
      );
    expect(offences).toEqual([]);
  });

  it('keeps timers, the network, the process and the clock out of the pure folders', () => {
    const offences = sources
      .filter(({ path }) => matches(path, PURE))
      .filter(({ path }) => ![...FILE_DOORWAYS, ...PAGE_DOORWAYS].includes(path))
      .flatMap((source) => {
        const found: string[] = [];
        const note = (name: string) => {
          if (IMPURE_GLOBALS.has(name)) found.push(`${source.path}: ${name}`);
        };
        new Visitor({
          CallExpression: ({ callee }) => callee.type === 'Identifier' && note(callee.name),
          NewExpression: ({ callee }) => callee.type === 'Identifier' && note(callee.name),
          MemberExpression: ({ object }) => object.type === 'Identifier' && note(object.name),
          VariableDeclarator: ({ init }) => init?.type === 'Identifier' && note(init.name),
        }).visit(parseSync(source.path, source.text).program);
        return found;
      });
    expect(offences).toEqual([]);
  });

  it('imports nothing under a computed name', () => {
    // The page's own build; rclnodejs, which is imported only from where its binary was found; what begins as JavaScript.
    const doorways = ['web-viewer/build.ts', 'nodes/ros/rcl.ts', 'sim/load-typescript.js'];
    const offences = sources
      .filter(({ path }) => !path.startsWith('test/') && !doorways.includes(path))
      .filter(({ path, text }) =>
        parseSync(path, text).module.dynamicImports.some(({ moduleRequest }) => {
          const specifier = text.slice(moduleRequest.start, moduleRequest.end);
          return !/^(['"])[^'"]*\1$/.test(specifier);
        }),
      )
      .map(({ path }) => path);
    expect(offences).toEqual([]);
  });

  it('bundles what processes and threads begin with as one', () => {
    const begun = sources
      .filter(({ path }) => path.endsWith('.js') && !path.startsWith('test/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/importTypeScript\(new URL\('(.+)', import\.meta\.url\)\)/g)].map(
          ([, module]) => join(path, '..', module!),
        ),
      );
    const bundler = readFileSync(join(ROOT, 'sim/bundle-typescript.js'), 'utf8');
    const [, entries = ''] = /ENTRIES = \[(.*?)\]/s.exec(bundler) ?? [];
    expect(begun.sort()).toEqual([...entries.matchAll(/'(.+)'/g)].map(([, entry]) => entry));
  });

  it('draws every random number from a seeded Rng and takes time as an argument', () => {
    const banned = new Map([
      ['Math', ['random']],
      ['Date', ['now']],
      ['performance', ['now']],
    ]);
    const offences = sources
      .filter(({ path }) => /^(sim|policies)\//.test(path) && !CLOCK_DOORWAYS.includes(path))
      .flatMap((source) => {
        const found: string[] = [];
        new Visitor({
          MemberExpression(node) {
            if (node.object.type !== 'Identifier') return;
            const names = banned.get(node.object.name);
            if (names === undefined) return;
            const isPlain = !node.computed && node.property.type === 'Identifier';
            const name = isPlain
              ? source.text.slice(node.property.start, node.property.end)
              : '[…]';
            if (!isPlain || names.includes(name)) {
              found.push(`${source.path}: ${node.object.name}.${name}`);
            }
          },
          // Under another name it would escape.
          VariableDeclarator({ init }) {
            if (init?.type === 'Identifier' && banned.has(init.name)) {
              found.push(`${source.path}: an alias of ${init.name}`);
            }
          },
          NewExpression({ callee, arguments: given }) {
            if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) {
              found.push(`${source.path}: new Date()`);
            }
          },
        }).visit(parseSync(source.path, source.text).program);
        return found;
      });
    expect(offences).toEqual([]);
  });

  it('has only the top-level folders of the layout', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .filter((name) => !['.git', '.ci', 'node_modules', 'recordings', 'runs'].includes(name));
    expect(folders.sort()).toEqual([...FOLDERS].sort());
  });
});
