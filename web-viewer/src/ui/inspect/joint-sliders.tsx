import type { Inspector } from '../../inspect/inspector.ts';
import { formatNumber, formatSignificant } from '../format.ts';
import { useObservable } from '../use-observable.ts';

/** [1] positions that a slider has */
const STEPS = 1000;
const DEGREES = 180 / Math.PI;

/** A slider for every joint that moves, within its limits. */
export function JointSliders({ inspector }: { readonly inspector: Inspector }) {
  useObservable(inspector.poseVersion);
  useObservable(inspector.selection);
  const { jointNames } = inspector.model;
  if (jointNames.length === 0) return <p class="empty">No joint moves.</p>;
  return (
    <div class="joint-sliders">
      <div class="presets">
        <button type="button" onClick={() => inspector.moveAll('home')}>
          Home
        </button>
        <button type="button" onClick={() => inspector.moveAll('zero')}>
          Zero
        </button>
      </div>
      <ul>
        {jointNames.map((name) => (
          <JointSlider key={name} inspector={inspector} name={name} />
        ))}
      </ul>
    </div>
  );
}

function JointSlider({
  inspector,
  name,
}: {
  readonly inspector: Inspector;
  readonly name: string;
}) {
  const { lower, upper } = inspector.getRange(name);
  const position = inspector.getPosition(name);
  const joint = inspector.getJoint(name);
  const slides = inspector.model.joints.find((other) => other.name === name)?.type === 'prismatic';
  const selection = inspector.selection.get();
  const isSelected = selection?.kind === 'joint' && selection.name === name;
  const isOutside = position < lower - 1e-9 || position > upper + 1e-9;
  const move = (text: string) => inspector.setPosition(name, Number.parseFloat(text));
  return (
    <li data-selected={isSelected} data-outside={isOutside}>
      <div class="head">
        <button
          type="button"
          class="plain name"
          onClick={() => inspector.selection.set({ kind: 'joint', name })}
        >
          {name}
        </button>
        {!slides && <i>{formatNumber(position * DEGREES, 1)}°</i>}
        <b>{formatNumber(position, slides ? 4 : 3)}</b>
        <i class="unit">{slides ? 'm' : 'rad'}</i>
      </div>
      <input
        type="range"
        aria-label={name}
        min={lower}
        max={upper}
        step={(upper - lower) / STEPS || 1e-6}
        value={position}
        disabled={joint?.mimic !== undefined}
        onInput={(event) => move(event.currentTarget.value)}
      />
      <div class="ends">
        <i>{joint?.lower === undefined ? 'no limit' : formatSignificant(joint.lower)}</i>
        {joint?.mimic && (
          <i>
            = {formatSignificant(joint.mimic.multiplier)} × {joint.mimic.joint}
            {joint.mimic.offset !== 0 && ` + ${formatSignificant(joint.mimic.offset)}`}
          </i>
        )}
        {isOutside && <i class="outside">outside its limits</i>}
        <i>{joint?.upper === undefined ? 'no limit' : formatSignificant(joint.upper)}</i>
      </div>
    </li>
  );
}
