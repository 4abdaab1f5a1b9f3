import { useEffect, useRef } from 'preact/hooks';
import type { VisualModel } from '../../../robot-schema.ts';
import type { Inspector } from '../../inspect/inspector.ts';
import { formatSignificant } from '../format.ts';
import { useObservable } from '../use-observable.ts';

type Joint = VisualModel['joints'][number];

interface Row {
  readonly link: string;
  /** That carries the link; the root has none. */
  readonly joint: Joint | undefined;
  readonly depth: number;
}

const TYPE_SIGNS = { revolute: '↻', continuous: '⟳', prismatic: '↕', fixed: '▪' } as const;
/** Deeper links are not indented further: names need the room. */
const MAX_INDENT = 9;

/** Links under one another as they hang, each below the joint that carries it. */
export function LinkTree({ inspector }: { readonly inspector: Inspector }) {
  const selection = useObservable(inspector.selection);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selection]);
  const isSelected = (kind: 'link' | 'joint', name: string) =>
    selection?.kind === kind && selection.name === name;
  return (
    <>
      <h2>
        Links <span class="count">{inspector.model.links.length}</span>
        <span class="key">kg</span>
      </h2>
      <ul class="link-tree" ref={list}>
        {listRows(inspector.model).map(({ link, joint, depth }) => (
          <li key={link} style={{ '--depth': Math.min(depth, MAX_INDENT) }}>
            {joint && (
              <button
                type="button"
                class="joint-row"
                aria-pressed={isSelected('joint', joint.name)}
                title={`joint ${joint.name}, ${joint.type}`}
                onClick={() => inspector.selection.set({ kind: 'joint', name: joint.name })}
              >
                <span class="sign">{TYPE_SIGNS[joint.type]}</span>
                <span class="name">{joint.name}</span>
              </button>
            )}
            <button
              type="button"
              class="link-row"
              aria-pressed={isSelected('link', link)}
              title={`link ${link}`}
              onClick={() => inspector.selection.set({ kind: 'link', name: link })}
            >
              <span class="name">{link}</span>
              <Mass inspector={inspector} link={link} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Mass({ inspector, link }: { readonly inspector: Inspector; readonly link: string }) {
  const mass = inspector.facts.inertials[link]?.mass;
  return <span class="mass">{mass === undefined ? '–' : formatSignificant(mass)}</span>;
}

/** By hand, not by recursion: a chain may be longer than the stack is deep. */
function listRows({ links, joints, rootLink }: VisualModel): Row[] {
  const rows: Row[] = [];
  const children = new Map<string, Joint[]>();
  for (const joint of joints) {
    children.set(joint.parent, [...(children.get(joint.parent) ?? []), joint]);
  }
  const waiting: Row[] = links.some(({ name }) => name === rootLink)
    ? [{ link: rootLink, joint: undefined, depth: 0 }]
    : [];
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    rows.push(row);
    for (const joint of [...(children.get(row.link) ?? [])].reverse()) {
      waiting.push({ link: joint.child, joint, depth: row.depth + 1 });
    }
  }
  return rows;
}
