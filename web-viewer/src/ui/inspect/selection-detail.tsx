import type { ComponentChildren } from 'preact';
import { computePrincipalInertia } from '../../../../sim/robot/inertia.ts';
import type { VisualModel } from '../../../robot-schema.ts';
import type { Inspector } from '../../inspect/inspector.ts';
import { findLink } from '../../scene/kinematics.ts';
import { Vector3 } from '../../scene/three.ts';
import { formatSignificant } from '../format.ts';
import { useObservable } from '../use-observable.ts';
import { Triple } from './robot-summary.tsx';

/** What is known of the selected link or joint. */
export function SelectionDetail({ inspector }: { readonly inspector: Inspector }) {
  const selection = useObservable(inspector.selection);
  useObservable(inspector.poseVersion);
  if (selection === undefined) {
    return <p class="hint">Click a link in the picture, or a line of the tree.</p>;
  }
  const { kind, name } = selection;
  return (
    <section class="detail selected" aria-label="Selection">
      <h2>
        <span class="name">{name}</span>
        <span class="kind">{kind}</span>
        <button
          type="button"
          class="plain"
          aria-label="Clear selection"
          onClick={() => inspector.selection.set(undefined)}
        >
          ×
        </button>
      </h2>
      <dl>
        {kind === 'link' ? (
          <LinkFacts inspector={inspector} name={name} />
        ) : (
          <JointFacts inspector={inspector} name={name} />
        )}
      </dl>
    </section>
  );
}

function LinkFacts({ inspector, name }: { readonly inspector: Inspector; readonly name: string }) {
  const { model, facts } = inspector;
  const index = findLink(model, name);
  const inertial = facts.inertials[name];
  const origin = new Vector3().setFromMatrixPosition(inspector.mapFromLink[index]!);
  return (
    <>
      {inertial === undefined ? (
        <Fact label="mass">no inertial</Fact>
      ) : (
        <>
          <Fact label="mass">{formatSignificant(inertial.mass)} kg</Fact>
          <Triple
            label="centre of mass, link"
            value={new Vector3(...inertial.linkFromInertia.translation)}
            decimals={4}
          />
          <Fact label="principal moments">
            {computePrincipalInertia(inertial.inertia).moments.map(formatSignificant).join('  ')}{' '}
            kg·m²
          </Fact>
        </>
      )}
      <Triple label="origin, map" value={origin} decimals={4} />
      <Fact label="looks like">{describeShapes(model, model.links[index]?.visuals ?? [])}</Fact>
      <Fact label="touches as">{describeShapes(model, model.links[index]?.collisions ?? [])}</Fact>
    </>
  );
}

function JointFacts({ inspector, name }: { readonly inspector: Inspector; readonly name: string }) {
  const joint = inspector.model.joints.find((candidate) => candidate.name === name);
  const facts = inspector.getJoint(name);
  if (joint === undefined || facts === undefined) return null;
  const isFixed = joint.type === 'fixed';
  const [unit, force] = joint.type === 'prismatic' ? ['m', 'N'] : ['rad', 'N·m'];
  const { lower, upper, maxVelocity, maxEffort, damping, friction, armature, mimic } = facts;
  return (
    <>
      <Fact label="type">{joint.type}</Fact>
      <Fact label="joins">
        {joint.parent} → {joint.child}
      </Fact>
      {!isFixed && (
        <>
          <Fact label="axis">{joint.axis.map(formatSignificant).join('  ')}</Fact>
          <Fact label="limits">
            {formatSignificant(lower).replace('∞', '−∞')} … {formatSignificant(upper)} {unit}
          </Fact>
          <Fact label="velocity, effort">
            {formatSignificant(maxVelocity)} {unit}/s, {formatSignificant(maxEffort)} {force}
          </Fact>
          <Fact label="damping, friction, armature">
            {[damping, friction, armature].map(formatSignificant).join('  ')}
          </Fact>
        </>
      )}
      {mimic && (
        <Fact label="follows">
          {formatSignificant(mimic.multiplier)} × {mimic.joint} + {formatSignificant(mimic.offset)}
        </Fact>
      )}
    </>
  );
}

function Fact(props: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function describeShapes(
  model: VisualModel,
  shapes: VisualModel['links'][number]['visuals'],
): string {
  if (shapes.length === 0) return 'nothing';
  const names = shapes.map(({ geometry }) => {
    if (geometry.kind !== 'mesh') return geometry.kind;
    const mesh = model.meshes?.[geometry.uri];
    const file = geometry.uri.slice(geometry.uri.lastIndexOf('/') + 1);
    return mesh === undefined ? `${file} (MISSING)` : `${file} (${mesh.numTriangles} triangles)`;
  });
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(', ');
}
