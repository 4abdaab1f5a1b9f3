import { z } from 'zod';
import { AUTORESET_MODES } from '../config.ts';
import { UserError } from '../errors.ts';
import { RandomizationConfig } from '../randomize/config.ts';
import { parseValue } from '../schema.ts';
import { PROTOCOL } from './frame.ts';

/** What a client may ask of its own set of environments; absent: what the server was started with. */
export const EnvRequest = z.strictObject({
  task: z.string().optional().meta({ description: 'If given, must be what the server serves' }),
  numEnvs: z.int().min(1).max(4096).optional(),
  autoreset: z.enum(AUTORESET_MODES).optional(),
  randomization: RandomizationConfig.optional().meta({
    description: 'Replaces that of the server, or of the task, as a whole',
  }),
  difficulty: z.number().min(0).max(1).optional().meta({
    unit: '-',
    description: 'Of all episodes, for a randomisation with schedules; absent: its curriculum',
  }),
});
export type EnvRequest = z.infer<typeof EnvRequest>;

export const Hello = z.strictObject({
  protocol: z.literal(PROTOCOL.name),
  client: z.string().max(200).meta({ description: 'Name and version, for the log' }),
  token: z.string().max(1000).optional(),
  env: EnvRequest.prefault({}),
});

export const Reset = z.strictObject({
  seed: z
    .union([z.int(), z.array(z.int())])
    .optional()
    .meta({
      description: 'Of the run, or one per environment; absent: the next episode of each',
    }),
});

export const Get = z.strictObject({ name: z.string() });
export const SetValue = z.strictObject({ name: z.string(), value: z.unknown() });

/**
 * Parses the text of a request; an empty text is an empty object.
 * @throws UserError for what is no JSON, UserErrors with every key that does not fit
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  where: string,
): z.output<Schema> {
  const remedy = 'sim/env-server/PROTOCOL.md describes each request';
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new UserError({
      where,
      problem: 'the text is not JSON',
      expected: 'one JSON object',
      got: JSON.stringify(text.slice(0, 80)),
      remedy,
      cause,
    });
  }
  return parseValue(schema, value, { where, remedy });
}
