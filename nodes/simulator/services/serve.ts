import type { ServiceTypes } from '../../ros/messages.ts';
import { getSimulationName, type SimulationService } from '../../topics.ts';
import type { Simulation } from '../simulation.ts';
import { entityServices } from './entity-services.ts';
import { spawnServices } from './spawn-services.ts';
import { serveSteps, stateServices } from './state-services.ts';
import { worldServices } from './world-services.ts';

type FullName<Name extends SimulationService> = `simulation_interfaces/srv/${Name}`;
type Request<Name extends SimulationService> = ServiceTypes[FullName<Name>]['request'];
type Response<Name extends SimulationService> = ServiceTypes[FullName<Name>]['response'];

/** One handler per service, by the service's name. */
export type Handlers<Names extends SimulationService> = {
  readonly [Name in Names]: (request: Request<Name>) => Response<Name> | Promise<Response<Name>>;
};

/**
 * Serves simulation_interfaces 2.1 (https://github.com/ros-simulation/simulation_interfaces) for a simulation. What
 * the simulator cannot do is answered too, by RESULT_FEATURE_UNSUPPORTED and why.
 * @param quit ends the simulator
 */
export function serveSimulation(simulation: Simulation, quit: () => void): void {
  const handlers: Handlers<SimulationService> = {
    ...stateServices(simulation, quit),
    ...entityServices(simulation),
    ...spawnServices(simulation),
    ...worldServices(simulation),
  };
  for (const name of Object.keys(handlers) as SimulationService[]) {
    serveOne(simulation, name, handlers);
  }
  serveSteps(simulation);
}

function serveOne<Name extends SimulationService>(
  { node }: Simulation,
  name: Name,
  handlers: Handlers<Name>,
): void {
  const type: FullName<Name> = `simulation_interfaces/srv/${name}`;
  node.createService(type, getSimulationName(name), handlers[name]);
}
