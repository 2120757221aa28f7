import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What a page says stands where it says so: files, tests by their names, scripts, links. */
const pages = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];
const read = (path: string): string => readFileSync(path, 'utf8');
const { scripts } = JSON.parse(read('package.json'));
const fileNames = new Set(
  globSync('{src,web,test,tools,bench}/**/*.{ts,tsx,js}').map((path) => basename(path)),
);

const FOLDERS = /^(?:src|web|test|tools|bench|docs|examples|migrations)\//;
const isThere = (quoted: string): boolean =>
  FOLDERS.test(quoted) ? globSync(quoted).length > 0 : fileNames.has(basename(quoted));

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('quotes files that exist', () => {
    const quoted = [...text.matchAll(/`([\w./*-]+)`/g)].map(([, path = '']) => path);
    const files = quoted.filter((path) => /^[\w./*-]+\.tsx?$/.test(path) || FOLDERS.test(path));
    expect(files.filter((path) => !isThere(path))).toEqual([]);
  });

  test('names scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w-]+(?::[\w-]+)*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test('links to pages that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
    const inside = links.filter((to) => !/^https?:/.test(to));
    expect(inside.filter((to) => !existsSync(join(dirname(page), to)))).toEqual([]);
  });
});

interface Quotation {
  readonly file: string;
  readonly name: string;
}

/** Each name in curly quotes belongs to the test file that was named last before it. */
function quotationsOf(line: string): readonly Quotation[] {
  const found: Quotation[] = [];
  let file: string | undefined;
  for (const [, path, name] of line.matchAll(/`(test\/[\w./-]+\.ts)`|“([^”]+)”/g)) {
    file = path ?? file;
    if (name !== undefined && file !== undefined) found.push({ file, name });
  }
  return found;
}

/** What a file's tests and the rows of their tables are called there; `%s` stands for what is filled in. */
const titlesOf = (file: string): readonly string[] => {
  const opening = /(?:\b(?:test|it|describe)(?:\.\w+)*\(|[)`]\(|\[)\s*/;
  const literal = /(['"`])((?:\\.|(?!\1).)*)\1/;
  return [...read(file).matchAll(new RegExp(opening.source + literal.source, 'gs'))].map(([, , title = '']) =>
    title.replaceAll(/\\(.)/g, '$1').replaceAll(/\$\{[^}]*\}/g, '%s'),
  );
};

const isTitle = (name: string, title: string): boolean =>
  name.endsWith('…') ? title.startsWith(name.slice(0, -1)) : title === name;

describe('docs/threats.md', () => {
  const quotations = read('docs/threats.md').split('\n').flatMap(quotationsOf);

  test('quotes tests by the names they have', () => {
    expect(quotations.length).toBeGreaterThan(100);
    const missing = quotations.filter(
      ({ file, name }) => !existsSync(file) || !titlesOf(file).some((title) => isTitle(name, title)),
    );
    expect(missing).toEqual([]);
  });

  test('names a test for every attack that it does not call unmet', () => {
    const rows = read('docs/threats.md')
      .split('\n')
      .filter((line) => /^\| \d+ \|/.test(line));
    const untested = rows.filter((row) => quotationsOf(row).length === 0 && !row.includes('not met yet'));
    expect(rows).toHaveLength(35);
    expect(untested).toEqual([]);
  });
});
