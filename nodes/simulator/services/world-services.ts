import { UserError } from '../../../sim/errors.ts';
import type {
  GetAvailableWorldsResponse,
  GetCurrentWorldResponse,
  GetNamedPoseBoundsResponse,
  GetNamedPosesResponse,
  LoadWorldResponse,
  Resource,
  UnloadWorldResponse,
  WorldResource,
} from '../../ros/messages.ts';
import {
  answer,
  NO_BOUNDS,
  NO_WORLD_LOADED,
  RESULT,
  Refusal,
  refuse,
  succeed,
  WORLD_RESULT,
} from '../codes.ts';
import { matchesTags } from '../entity-filter.ts';
import { listNamedPoses } from '../named-poses.ts';
import { readFileUri } from '../read-file-uri.ts';
import type { Simulation, WorldBuilder, WorldEntry } from '../simulation.ts';
import type { Handlers } from './serve.ts';

/** Which worlds there are, which is loaded, and that it be another; where in it is where. */
export function worldServices(
  simulation: Simulation,
): Handlers<
  | 'GetAvailableWorlds'
  | 'GetCurrentWorld'
  | 'LoadWorld'
  | 'UnloadWorld'
  | 'GetNamedPoses'
  | 'GetNamedPoseBounds'
> {
  const { safePoint } = simulation;
  return {
    GetAvailableWorlds: ({ additional_sources: sources, filter, continue_on_error: goesOn }) =>
      answer<GetAvailableWorldsResponse>({ worlds: [] }, () => {
        const { worlds } = simulation.getBuilder();
        if (sources.length > 0 && !goesOn) throw new Refusal(RESULT.operationFailed, NO_SOURCES);
        const matching = worlds.filter(({ tags }) => matchesTags(tags, filter));
        const result = succeed(sources.length > 0 ? NO_SOURCES : '');
        return { result, worlds: matching.map(describe) };
      }),
    GetCurrentWorld: () =>
      answer<GetCurrentWorldResponse>({ world: NO_WORLD }, () => {
        if (simulation.plant === undefined) {
          throw new Refusal(NO_WORLD_LOADED, 'the world was unloaded');
        }
        return { world: describe(simulation.content.entry) };
      }),
    LoadWorld: ({ world_resource: resource }) =>
      answer<LoadWorldResponse>({ world: NO_WORLD }, () =>
        safePoint.act(async () => {
          const entry = findWorld(simulation.getBuilder(), resource);
          await simulation.load(entry);
          return { world: describe(entry) };
        }),
      ),
    UnloadWorld: () =>
      answer<UnloadWorldResponse>({}, () =>
        safePoint.act(() => {
          simulation.getBuilder();
          if (simulation.plant === undefined) {
            throw new Refusal(NO_WORLD_LOADED, 'the world was unloaded before');
          }
          simulation.unload();
          return {};
        }),
      ),
    GetNamedPoses: ({ tags: filter }) =>
      answer<GetNamedPosesResponse>({ poses: [] }, () => ({
        poses: listNamedPoses(simulation.getPlant()).filter(({ tags }) =>
          matchesTags(tags, filter),
        ),
      })),
    GetNamedPoseBounds: (): GetNamedPoseBoundsResponse => ({
      result: refuse(
        RESULT.featureUnsupported,
        'robots never meet one another, and how much room the scene leaves around a pose is not known; ask GetEntities with bounds',
      ),
      bounds: NO_BOUNDS,
    }),
  };
}

const NO_SOURCES = 'additional_sources are not searched: worlds are those of this simulator';
const NO_WORLD: WorldResource = {
  name: '',
  world_resource: { uri: '', resource_string: '' },
  description: '',
  tags: [],
};

function describe({
  name,
  uri,
  description,
  tags,
}: Pick<WorldEntry, 'name' | 'uri' | 'description' | 'tags'>): WorldResource {
  return { name, world_resource: { uri, resource_string: '' }, description, tags: [...tags] };
}

/** @throws Refusal with a code of LoadWorld's */
function findWorld(builder: WorldBuilder, { uri, resource_string: text }: Resource): WorldEntry {
  if (uri === '') {
    if (text === '') {
      throw new Refusal(WORLD_RESULT.noResource, 'neither uri nor resource_string is given');
    }
    return readWorld(builder, text, 'resource_string', { name: 'from text', uri: '' });
  }
  const known = builder.worlds.find((world) => world.uri === uri);
  if (known !== undefined) return { ...known, scene: build(known.build) };
  if (!uri.startsWith('file://')) {
    const uris = builder.worlds.map((world) => world.uri).join(', ');
    throw new Refusal(RESULT.notFound, `no world '${uri}'; there are: ${uris}, and file://…yaml`);
  }
  if (!/\.ya?ml$/.test(uri)) {
    throw new Refusal(WORLD_RESULT.unsupportedFormat, `'${uri}': ${FORMAT}`);
  }
  return readWorld(builder, readFileUri(uri), uri, { name: uri.replace(/^.*\//, ''), uri });
}

const FORMAT =
  'a world is YAML, as the terrain of a profile (sim/terrain/config.ts); no SDF, USD or MJCF';

function readWorld(
  builder: WorldBuilder,
  text: string,
  where: string,
  named: Pick<WorldEntry, 'name' | 'uri'>,
): WorldEntry {
  if (text.trimStart().startsWith('<')) {
    throw new Refusal(WORLD_RESULT.unsupportedFormat, `${where}: this is XML; ${FORMAT}`);
  }
  const scene = build(() => builder.readText(text, where));
  return { ...named, description: '', tags: [], scene };
}

/** Unknown elements are never ignored: a terrain that is not the one that was meant costs somebody a week. */
function build<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new Refusal(WORLD_RESULT.resourceParseError, error.message);
  }
}
