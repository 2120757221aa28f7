import { Failure } from '../../domain/errors.ts';

const MOST_DEPTH = 24;
const MOST_MEMBERS = 1_000;

/**
 * One pass over the text, before a parser makes anything of it: how deep it nests, and how many members any one array
 * or object has. Whether it is JSON at all is the parser's to say.
 * @throws Failure `malformed-input`
 */
export function checkJsonShape(text: string): void {
  const members: number[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case '[':
      case '{':
        if (members.push(1) > MOST_DEPTH) throw bad(`nests deeper than ${MOST_DEPTH} levels`);
        break;
      case ']':
      case '}':
        members.pop();
        break;
      case ',':
        countMember(members);
        break;
    }
  }
}

function countMember(members: number[]): void {
  const count = (members.pop() ?? 0) + 1;
  if (count > MOST_MEMBERS) throw bad(`has a list of more than ${MOST_MEMBERS} members`);
  members.push(count);
}

/** Where the closing quote stands; the end of the text when there is none. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

const bad = (what: string): Failure => new Failure('malformed-input', `The body ${what}.`);
