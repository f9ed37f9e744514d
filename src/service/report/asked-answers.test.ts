import { expect, test } from 'vitest';
import { jobContext } from '../../jobs/index.ts';
import { apiRoot } from '../../wire/index.ts';
import { createAnswers } from '../answers.ts';
import { createApp } from '../app.ts';
import { sampleStore } from '../testing/sample-store.ts';
import { askedAnswers, type QuestionCount } from './asked-answers.ts';

test('questions read together answer as each of them alone', async () => {
  await using sample = await sampleStore();
  const { hono } = createApp(sample.store, jobContext(), {
    ...{ token: null, hosts: [], pages: new Map(), pollMs: 1000 },
    onError: (error) => {
      throw error;
    },
  });
  const counted: QuestionCount = { written: 0, of: 0 };
  const questions: string[] = [];
  for await (const { key, json } of askedAnswers(
    createAnswers(sample.store, jobContext()),
    10,
    counted,
  )) {
    if (!key.startsWith('/items/')) continue;
    questions.push(key);
    const alone = await hono.request(`http://localhost${apiRoot}${key}`, {
      headers: { host: 'localhost' },
    });
    expect([alone.status, await alone.text()]).toEqual([200, json]);
  }
  expect([questions.sort(), counted]).toEqual([
    [
      '/items/a?run=olmo&suite=s',
      '/items/a?run=pico&suite=s',
      '/items/b?run=olmo&suite=s',
      '/items/b?run=pico&suite=s',
      '/items/c%2F1?run=olmo&suite=s',
    ],
    { written: 5, of: 5 },
  ]);
});
