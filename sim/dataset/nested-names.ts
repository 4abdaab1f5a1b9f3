/**
 * Names with dots as nested objects, as tools that plot messages address them: `angularVelocityB.x` is `x` in
 * `angularVelocityB`. What such a tool could not spell becomes an underscore: `x[-1]` is `x_1`.
 */
function splitName(name: string): readonly string[] {
  return name.split('.').map((part) => part.replace(/\]$/, '').replace(/[^A-Za-z0-9_]+/g, '_'));
}

type Nested = { [key: string]: number | Nested };

/** What turns a row of numbers into nested objects by their names. */
export function makeNester(names: readonly string[]): (row: Float32Array) => Nested {
  const paths = names.map(splitName);
  return (row) => {
    const root: Nested = {};
    paths.forEach((path, k) => {
      setAt(root, path, row[k]!);
    });
    return root;
  };
}

function setAt(root: Nested, path: readonly string[], value: number): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    // A name may be the beginning of another: the number goes beside, under its own name.
    if (typeof next === 'number' || next === undefined) at[key] = {};
    at = at[key] as Nested;
  }
  at[path.at(-1)!] = value;
}

/** The JSON schema of such an object. */
export function makeNestedSchema(names: readonly string[]): object {
  const nest = makeNester(names)(new Float32Array(names.length));
  const describe = (value: number | Nested): object =>
    typeof value === 'number'
      ? { type: 'number' }
      : {
          type: 'object',
          properties: Object.fromEntries(
            Object.entries(value).map(([key, inner]) => [key, describe(inner)]),
          ),
        };
  return describe(nest);
}
