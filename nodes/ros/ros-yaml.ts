import { LineCounter, parseDocument, type Tags } from 'yaml';
import { throwIfAny, UserError } from '../../sim/errors.ts';

/**
 * Reads YAML as ROS 2 reads parameters: by YAML 1.1, where `on` and `yes` are booleans and 010 is eight, but with
 * dates and 1:30 as text.
 * @throws UserErrors with the line of every problem
 */
export function loadRosYaml(text: string, where: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'yaml-1.1',
    customTags: dropTimes,
  });
  throwIfAny(
    document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return refuse(`${where}:${line}:${col}`, error);
    }),
  );
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without its anchor shows only here.
    throw refuse(where, cause instanceof Error ? cause : new Error(String(cause)));
  }
}

function dropTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
  );
}

function refuse(where: string, cause: Error): UserError {
  return new UserError({
    where,
    problem: 'this is not valid YAML',
    expected: 'YAML 1.1, as ROS 2 reads it',
    got: cause.message,
    remedy: 'Correct it; a text that begins with * needs quotes.',
    cause,
  });
}
