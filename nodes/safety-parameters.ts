import { z } from 'zod';
import { SafetyConfig } from '../policies/config.ts';
import type { ParameterDescriptor } from './ros/port.ts';

/** What JSON Schema tells of one field. */
interface FieldSchema {
  readonly description?: string;
  readonly unit?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** The limits of a filter as parameters: shown, not set, for a limit that can be moved while the robot moves is none. */
export function listSafetyParameters(
  config: SafetyConfig,
): readonly ParameterDescriptor<number | string>[] {
  const { properties = {} } = z.toJSONSchema(SafetyConfig, { io: 'input' });
  return Object.entries(config).flatMap(([name, value]) => {
    if (typeof value !== 'number' && typeof value !== 'string') return [];
    const { description = 'Of SafetyConfig', unit, ...bounds } = properties[name] as FieldSchema;
    const lower = bounds.minimum ?? bounds.exclusiveMinimum;
    const upper = bounds.maximum;
    return {
      name: toSnakeCase(name),
      default: value,
      description: `${description}. Fixed when the node starts`,
      readOnly: true,
      ...(unit !== undefined && { unit }),
      ...(lower !== undefined && upper !== undefined && { range: [lower, upper] as const }),
    };
  });
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
