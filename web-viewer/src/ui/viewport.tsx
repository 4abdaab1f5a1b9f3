import { useEffect, useRef, useState } from 'preact/hooks';
import type { LabelMode } from '../scene/labels.ts';
import { FLEET_TOGGLES, INSPECTION_TOGGLES, type LayerName } from '../scene/layers.ts';
import { Stage } from '../scene/stage.ts';
import type { Session } from '../session.ts';
import { installStageHook } from '../test-hook.ts';
import { DataBanner } from './data-banner.tsx';
import { PoseNote } from './pose-note.tsx';
import { useObservable, useTick } from './use-observable.ts';

const LABEL_MODES: readonly LabelMode[] = ['selected', 'all', 'none'];

/** The 3D view with its few controls. */
export function Viewport({ session }: { readonly session: Session }) {
  const container = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const { kind } = useObservable(session.connection.state);
  const isInspection = useObservable(session.fleet)?.inspector !== undefined;

  useEffect(() => {
    if (container.current === null) return;
    try {
      stage.current = new Stage(container.current, {
        getFleet: () => session.fleet.get(),
        getSelected: () => session.selected.get(),
        getRate: () => session.realTimeFactor.perSecond,
        onPick: (robot) => session.selected.set(robot),
        onProblem: (text) => session.addLogLine({ severity: 'warning', source: 'page', text }),
        isResolutionAdaptive: new URLSearchParams(location.search).get('resolution') !== 'full',
      });
      installStageHook(stage.current);
    } catch (error) {
      setProblem(`The 3D view needs WebGL 2, which this browser did not give: ${String(error)}`);
    }
  }, [session]);

  return (
    <main class="viewport" data-connection={kind} aria-label="3D view">
      <div class="canvas" ref={container} />
      {problem && <p class="problem">{problem}</p>}
      <PoseNote session={session} />
      <DataBanner session={session} />
      <div class="view-controls" role="toolbar" aria-label="View">
        {isInspection ? (
          <InspectionControls getStage={() => stage.current} />
        ) : (
          <FleetControls getStage={() => stage.current} />
        )}
      </div>
    </main>
  );
}

interface ControlsProps {
  readonly getStage: () => Stage | undefined;
}

function InspectionControls({ getStage }: ControlsProps) {
  return (
    <>
      <button type="button" onClick={() => getStage()?.fit()} title="Frame the robot">
        Fit
      </button>
      <span class="gap" />
      <LayerToggles getStage={getStage} toggles={INSPECTION_TOGGLES} />
    </>
  );
}

function FleetControls({ getStage }: ControlsProps) {
  const [labels, setLabels] = useState<LabelMode>('selected');
  const [isFollowing, setFollowing] = useState(false);
  const [isEnlarging, setEnlarging] = useState(true);
  useTick(3);
  const scale = getStage()?.robotScale ?? 1;

  function toggleEnlarging(): void {
    const stage = getStage();
    if (stage !== undefined) stage.isEnlarging = !isEnlarging;
    setEnlarging(!isEnlarging);
  }
  function nextLabels(): void {
    const next = LABEL_MODES[(LABEL_MODES.indexOf(labels) + 1) % LABEL_MODES.length] ?? 'selected';
    getStage()?.setLabelMode(next);
    setLabels(next);
  }
  return (
    <>
      <button
        type="button"
        onClick={() => {
          getStage()?.fit();
          setFollowing(false);
        }}
        title="Frame all robots and courses"
      >
        Fit all
      </button>
      <button
        type="button"
        aria-pressed={isFollowing}
        onClick={() => {
          if (isFollowing) getStage()?.rig.stopFollowing();
          else getStage()?.follow();
          setFollowing(!isFollowing);
        }}
        title="Keep the selected robot in the middle"
      >
        Follow
      </button>
      <button type="button" onClick={nextLabels} title="Which robots wear their name">
        Labels: {labels}
      </button>
      <button
        type="button"
        aria-pressed={isEnlarging}
        onClick={toggleEnlarging}
        title="Draw robots larger than they are when they would be too small to see"
      >
        enlarge{scale > 1.05 && ` ×${scale.toFixed(1)}`}
      </button>
      <span class="gap" />
      <LayerToggles getStage={getStage} toggles={FLEET_TOGGLES} />
    </>
  );
}

/** @param props.toggles whether each layer is shown at first */
function LayerToggles(
  props: ControlsProps & { readonly toggles: Partial<Record<LayerName, boolean>> },
) {
  const [shown, setShown] = useState(props.toggles);
  const names = Object.keys(props.toggles) as LayerName[];
  return (
    <>
      {names.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={shown[name] === true}
          onClick={() => {
            const isShown = shown[name] !== true;
            props.getStage()?.setVisible(name, isShown);
            setShown({ ...shown, [name]: isShown });
          }}
        >
          {name}
        </button>
      ))}
    </>
  );
}
