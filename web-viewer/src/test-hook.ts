import type { ZerogapTestHook } from '../test-hook.ts';
import type { Stage } from './scene/stage.ts';
import { Vector3 } from './scene/three.ts';
import type { Session } from './session.ts';

declare global {
  interface Window {
    zerogap: ZerogapTestHook;
  }
}

let stage: Stage | undefined;

export function installStageHook(made: Stage): void {
  stage = made;
}

/** Lets tests read what the page knows, and change nothing. */
export function installTestHook(session: Session): void {
  window.zerogap = Object.freeze({
    get connection() {
      return session.connection.state.get().kind;
    },
    get framesReceived() {
      return session.framesReceived;
    },
    get framesDropped() {
      return session.framesDropped;
    },
    get robots() {
      return session.fleet.get()?.welcome.robots.map((robot) => robot.name) ?? [];
    },
    get timeS() {
      return session.fleet.get()?.latestTimeS ?? Number.NaN;
    },
    get pathPoints() {
      return session.fleet.get()?.paths.map((points) => points.length / 3) ?? [];
    },
    get scanPoints() {
      const scans = [...(session.fleet.get()?.scans.values() ?? [])];
      return scans.map(({ points }) => points.length / 3);
    },
    get logTexts() {
      return session.log.get().map((line) => line.text);
    },
    get meshTriangles() {
      return stage?.meshTriangles ?? 0;
    },
    get centreOfMass() {
      return session.fleet.get()?.inspector?.computeCentreInBase()?.toArray();
    },
    getLinkPosition: (name: string) => {
      const inspector = session.fleet.get()?.inspector;
      const link = inspector?.model.links.findIndex((candidate) => candidate.name === name) ?? -1;
      const matrix = inspector?.mapFromLink[link];
      return matrix && new Vector3().setFromMatrixPosition(matrix).toArray();
    },
    getPosition: (name: string) => {
      const fleet = session.fleet.get();
      const robot = findRobot(session, name);
      if (fleet === undefined || robot < 0) return undefined;
      return [0, 1, 2].map((k) => fleet.read(robot, 'position', k));
    },
    getSafety: (name: string) => {
      const robot = findRobot(session, name);
      return robot < 0 ? undefined : session.fleet.get()?.readSafety(robot).action;
    },
  });
}

function findRobot(session: Session, name: string): number {
  return session.fleet.get()?.welcome.robots.findIndex((robot) => robot.name === name) ?? -1;
}
