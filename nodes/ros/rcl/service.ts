import { UserError } from '../../../sim/errors.ts';
import { getServiceHalves } from '../definitions.ts';
import { ServiceError } from '../errors.ts';
import type { Client, Service } from '../port.ts';
import { readObject } from '../read-object.ts';
import { copyChecked } from '../validate.ts';
import type { RclNode } from './node.ts';

/** [ms] */
const DEFAULT_TIMEOUT_MS = 5000;
/** [ms] how soon a server that appears is called */
const POLL_MS = 10;

type Handler = (request: never) => unknown;

/** @throws UserError if another node of this process serves it already */
export function serve(owner: RclNode, type: string, name: string, handler: Handler): Service {
  const { request: requestType, response: responseType } = getServiceHalves(type);
  const { interfaces, servers } = owner.shared;
  interfaces.assertInstalled(type);
  assertUnserved(servers, 'service', name, owner);
  // A throw in here would end the process; a promise that fails would be answered by nobody.
  const native = owner.native.createService(type, name, {}, async (object) => {
    try {
      const request = readObject(requestType, object, name);
      return copyChecked(responseType, await handler(request as never), name) as object;
    } catch (error) {
      // ROS has no way to tell the caller: its call runs out of time.
      owner.guard.report(`service ${name}`, error);
      return undefined;
    }
  });
  servers.set(name, owner);
  const service = {
    name,
    destroy: () => {
      if (servers.get(name) !== owner) return;
      servers.delete(name);
      owner.disown(service);
      owner.native.destroyService(native);
    },
  };
  return service;
}

export function makeClient<Request, Response>(
  owner: RclNode,
  type: string,
  name: string,
): Client<Request, Response> {
  const { request: requestType, response: responseType } = getServiceHalves(type);
  owner.shared.interfaces.assertInstalled(type);
  const native = owner.native.createClient(type, name, {});
  const ending = new AbortController();
  const client: Client<Request, Response> = {
    name,
    isReady: () => !ending.signal.aborted && native.isServiceServerAvailable(),
    call: async (request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
      if (ending.signal.aborted) throw new RangeError(`service ${name}: the client is destroyed`);
      const checked = copyChecked(requestType, request, name) as object;
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(timeoutMs)]);
      let isSent = false;
      try {
        await waitUntil(() => native.isServiceServerAvailable(), signal);
        isSent = true;
        const object = await native.sendRequestAsync(checked, { signal });
        return readObject<Response>(responseType, object, name);
      } catch (cause) {
        if (!signal.aborted) throw cause;
        throw makeError(owner, type, name, { timeoutMs, isSent, isEnded: ending.signal.aborted });
      }
    },
    destroy: () => {
      if (ending.signal.aborted) return;
      ending.abort();
      owner.disown(client);
      owner.native.destroyClient(native);
    },
  };
  return client;
}

/** Resolves when something is so. @throws what the signal aborts with */
export async function waitUntil(isSo: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !isSo()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  signal.throwIfAborted();
}

/** Two nodes of this process must not serve one name: ROS would have both answer. @throws UserError */
export function assertUnserved(
  servers: ReadonlyMap<string, RclNode>,
  kind: 'service' | 'action',
  name: string,
  owner: RclNode,
): void {
  const other = servers.get(name);
  if (other === undefined) return;
  throw new UserError({
    where: `${kind} ${name}`,
    problem: `node ${owner.fullyQualifiedName} offers what another node offers already`,
    expected: 'one server',
    got: `a second beside ${other.fullyQualifiedName}`,
    remedy: 'Remap one of them or give its node another namespace.',
  });
}

function makeError(
  owner: RclNode,
  type: string,
  name: string,
  call: { readonly timeoutMs: number; readonly isSent: boolean; readonly isEnded: boolean },
): ServiceError {
  if (call.isEnded) {
    return new ServiceError(name, {
      problem: 'the client was destroyed',
      expected: 'an answer',
      got: 'none so far',
      remedy: 'Wait for the answer first.',
    });
  }
  const expected = `an answer within ${call.timeoutMs} ms`;
  if (call.isSent) {
    return new ServiceError(name, {
      problem: 'no answer',
      expected,
      got: 'silence from its server',
      remedy: 'Look at the log of the node that offers it, or allow more time.',
    });
  }
  const offered = owner.native.getServiceNamesAndTypes().find((one) => one.name === name);
  const otherType = offered?.types.find((one) => one !== type);
  if (otherType !== undefined) {
    return new ServiceError(name, {
      problem: 'has another type',
      expected: type,
      got: otherType,
      remedy: 'Call it with its own type.',
    });
  }
  return new ServiceError(name, {
    problem: 'no node offers it',
    expected,
    got: 'no server',
    remedy: 'Start the node that offers it, or check its namespace.',
  });
}
