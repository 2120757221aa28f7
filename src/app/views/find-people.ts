import type { Broker } from '../broker.ts';
import { personalTexts } from '../personal-text.ts';

export interface FoundPerson {
  readonly person: string;
  readonly display_name: string;
  readonly issuer: string;
}

const MOST_FOUND = 20;
const PAGE = 200;
/** Names are personal text beside the log and have no index: a search looks at the newest so many people. */
const MOST_LOOKED_AT = 2_000;

/** People who have signed in and whose name begins so, whatever its capitals. */
export async function findPeople(broker: Broker, name: string): Promise<readonly FoundPerson[]> {
  const wanted = folded(name);
  const found: FoundPerson[] = [];
  let before: number | undefined;
  for (let looked = 0; looked < MOST_LOOKED_AT && found.length < MOST_FOUND; looked += PAGE) {
    const rows = await broker.store.rows({
      table: 'people',
      where: {},
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    const text = await personalTexts(
      broker,
      rows.map((row) => Number(row['display_seq'] ?? -1)),
    );
    for (const row of rows) {
      const displayName = text(Number(row['display_seq'] ?? -1), 'display_name');
      if (displayName === null || !folded(displayName).startsWith(wanted)) continue;
      found.push({ person: String(row['key']), display_name: displayName, issuer: String(row['issuer']) });
    }
    if (rows.length < PAGE) break;
    before = Number(rows.at(-1)?.['ordinal']);
  }
  return found.slice(0, MOST_FOUND);
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase();
