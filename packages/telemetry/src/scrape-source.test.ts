import { expect, it } from 'vitest';
import { scrapeSource } from './scrape-source.js';

it('gives up on a source that does not answer, tells it so, and asks again the next time', async () => {
  let failures = 0;
  const source = scrapeSource<number>(() => failures++, 20);
  let aborted = false;
  source.readFrom(
    (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
      }),
  );
  expect(await source.current()).toBeUndefined();
  expect({ failures, aborted }).toEqual({ failures: 1, aborted: true });
  source.readFrom(() => 7);
  expect(await source.current()).toBe(7);
});

it('shares one read among those that ask at the same time', async () => {
  let reads = 0;
  const source = scrapeSource<number>(() => undefined);
  source.readFrom(async () => ++reads);
  expect(await Promise.all([source.current(), source.current(), source.current()])).toEqual([1, 1, 1]);
  expect(await source.current()).toBe(2);
});

it('takes a source that throws for one that failed', async () => {
  let failures = 0;
  const source = scrapeSource<number>(() => failures++);
  source.readFrom(() => {
    throw new Error('at once');
  });
  expect(await source.current()).toBeUndefined();
  expect(failures).toBe(1);
});
