/**
 * Answers of a written report: classic scripts beside the page, since a page opened from a disk may fetch nothing.
 * `data/index.js` calls `sondeStatic` with the list of answers, each file of it calls `sondeAnswer` with one, as JSON texts.
 */
import { z } from 'zod';
import { AnswerError, type Source } from './source.ts';

const indexSchema = z.object({
  createdAt: z.string(),
  answers: z.record(z.string(), z.string()),
});

type Waiting = { readonly take: (answer: unknown) => void };

declare global {
  interface Window {
    sondeStatic?: (index: string) => void;
    sondeAnswer?: (path: string, answer: string) => void;
  }
}

/** Whether this page is a report's. */
export function isReport(): boolean {
  return document.querySelector('script[src$="data/index.js"]') !== null;
}

/** Waits for the list of answers, whose script stands after this one in the page. */
export function reportSource(): Promise<Source> {
  const waiting = new Map<string, Waiting>();
  window.sondeAnswer = (path, answer) => waiting.get(path)?.take(JSON.parse(answer));
  return new Promise((resolve, reject) => {
    window.sondeStatic = (index) => {
      const { answers, createdAt } = indexSchema.parse(JSON.parse(index));
      resolve({
        get: (path) => load(path, answers[path], waiting),
        paths: Object.keys(answers),
        service: null,
        writtenAt: createdAt,
      });
    };
    window.addEventListener('load', () => reject(missing('data/index.js')));
  });
}

function load(
  path: string,
  file: string | undefined,
  waiting: Map<string, Waiting>,
): Promise<unknown> {
  if (file === undefined) {
    const message = 'This is not part of the report. `sonde serve` shows all that the store holds.';
    return Promise.reject(new AnswerError(message, 'not-in-report', 404));
  }
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    waiting.set(path, { take: resolve });
    script.src = `./data/${file}`;
    script.onload = () => {
      script.remove();
      // After `sondeAnswer` this changes nothing; without it the file held something else.
      reject(missing(`data/${file}`));
    };
    script.onerror = () => reject(missing(`data/${file}`));
    document.head.append(script);
  });
}

function missing(file: string): AnswerError {
  return new AnswerError(
    `The report's file ${file} is missing or damaged: write it again with \`sonde report\`.`,
    'damaged-report',
    null,
  );
}
