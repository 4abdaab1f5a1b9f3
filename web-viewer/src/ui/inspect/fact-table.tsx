import { computePrincipalInertia } from '../../../../sim/robot/inertia.ts';
import type { Inspector, Selection } from '../../inspect/inspector.ts';
import { formatSignificant } from '../format.ts';
import { useObservable } from '../use-observable.ts';

export type FactSheet = 'masses' | 'limits' | 'dynamics';

interface Table {
  readonly columns: readonly (readonly [label: string, unit: string])[];
  readonly rows: readonly (Selection & { readonly cells: readonly string[] })[];
  readonly note: string;
}

/** What a description says in numbers; a click on a line selects what it is about. */
export function FactTable(props: { readonly inspector: Inspector; readonly sheet: FactSheet }) {
  const { inspector, sheet } = props;
  const selection = useObservable(inspector.selection);
  const { columns, rows, note } = TABLES[sheet](inspector);
  return (
    <div class="fact-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{sheet === 'masses' ? 'link' : 'joint'}</th>
            {columns.map(([label, unit]) => (
              <th scope="col" key={label}>
                {label}
                <i>{unit}</i>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, name, cells }) => (
            <tr
              key={name}
              data-selected={selection?.kind === kind && selection.name === name}
              onClick={() => inspector.selection.set({ kind, name })}
            >
              <th scope="row" title={name}>
                {name}
              </th>
              {cells.map((cell, k) => (
                <td key={columns[k]![0]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">{note}</p>
    </div>
  );
}

const TABLES: Readonly<Record<FactSheet, (inspector: Inspector) => Table>> = {
  masses: ({ model, facts }) => ({
    columns: [
      ['mass', 'kg'],
      ['I₁', 'kg·m²'],
      ['I₂', 'kg·m²'],
      ['I₃', 'kg·m²'],
    ],
    rows: model.links.map(({ name }) => {
      const inertial = facts.inertials[name];
      if (inertial === undefined) return { kind: 'link', name, cells: ['–', '–', '–', '–'] };
      const { moments } = computePrincipalInertia(inertial.inertia);
      const cells = [inertial.mass, ...moments].map(formatSignificant);
      return { kind: 'link', name, cells };
    }),
    note: 'Principal moments about each link’s own centre of mass. A dash: no inertial.',
  }),
  limits: (inspector) => ({
    columns: [
      ['lower', 'rad, m'],
      ['upper', 'rad, m'],
      ['velocity', '/s'],
      ['effort', 'N·m, N'],
    ],
    rows: listMovable(inspector).map(({ name, lower, upper, maxVelocity, maxEffort }) => {
      const cells = [
        formatSignificant(lower).replace('∞', '−∞'),
        ...[upper, maxVelocity, maxEffort].map(formatSignificant),
      ];
      return { kind: 'joint', name, cells };
    }),
    note: '∞: no limit.',
  }),
  dynamics: (inspector) => ({
    columns: [
      ['damping', 'N·m·s'],
      ['friction', 'N·m'],
      ['armature', 'kg·m²'],
    ],
    rows: listMovable(inspector).map(({ name, damping, friction, armature }) => {
      return { kind: 'joint', name, cells: [damping, friction, armature].map(formatSignificant) };
    }),
    note: 'Of joints that slide: N·s/m, N and kg.',
  }),
};

function listMovable(inspector: Inspector) {
  return inspector.model.jointNames.flatMap((name) => inspector.getJoint(name) ?? []);
}
