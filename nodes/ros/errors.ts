import { UserError, type UserErrorParts } from '../../sim/errors.ts';

/** A service call that got no answer. */
export class ServiceError extends UserError {
  readonly service: string;
  constructor(service: string, parts: Omit<UserErrorParts, 'where'>) {
    super({ where: `service ${service}`, ...parts });
    this.service = service;
  }
}

/** A goal that nobody took on, or that was lost. */
export class ActionError extends UserError {
  readonly action: string;
  constructor(action: string, parts: Omit<UserErrorParts, 'where'>) {
    super({ where: `action ${action}`, ...parts });
    this.action = action;
  }
}

/** A parameter that does not exist, or a value that it cannot take. */
export class ParameterError extends UserError {
  readonly parameter: string;
  constructor(node: string, parameter: string, parts: Omit<UserErrorParts, 'where'>) {
    super({ where: `${node}, parameter '${parameter}'`, ...parts });
    this.parameter = parameter;
  }
}
