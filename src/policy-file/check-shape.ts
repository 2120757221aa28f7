import type { z } from 'zod';
import { demands } from './demand-of.ts';
import { examples } from './example-of.ts';
import type { PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';
import { parentOf, pointerOf } from './pointer.ts';
import type { YamlFile, YamlPlace } from './read-yaml.ts';
import type { Complaint } from './say-issue.ts';
import { sayIssues } from './say-issue.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a file says, when it has the form of the schema; otherwise everything that keeps it from that. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  file: YamlFile,
  vocabulary: Vocabulary = { examples, demands },
): { readonly data: z.infer<Schema> | undefined; readonly mistakes: readonly PolicyMistake[] } {
  const result = schema.safeParse(file.value);
  if (result.success) {
    return { data: result.data, mistakes: [] };
  }
  const mistakes = sayIssues(schema, { ...file, vocabulary }, result.error.issues).map((complaint) =>
    placed(file, complaint),
  );
  return { data: undefined, mistakes };
}

function placed(file: YamlFile, complaint: Complaint): PolicyMistake {
  const place = nearestPlace(file, pointerOf(complaint.path));
  return mistakeAt(complaint.onKey ? place.key : place.value, complaint.rule, complaint.message);
}

/** Where a pointer stands in the file, or what stands nearest above it. */
export function nearestPlace(file: YamlFile, pointer: string): YamlPlace {
  for (let at: string | undefined = pointer; at !== undefined; at = parentOf(at)) {
    const place = file.places.get(at);
    if (place !== undefined) {
      return place;
    }
  }
  const start = { path: file.path, line: 1, column: 1 };
  return { key: start, value: start, source: undefined };
}
