/** Answers as hooks: asked once, kept, asked again when the store changes. */
import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { z } from 'zod';
import { answerPath, pageSchema } from '../../../src/wire/index.ts';
import { AnswerError, type Source } from './source.ts';

export const SourceContext: React.Context<Source | null> = createContext<Source | null>(null);

export function useSource(): Source {
  const source = useContext(SourceContext);
  if (source === null) throw new Error('useSource: expected a SourceContext around the page');
  return source;
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The service may be on this machine and a report is on its disk: a browser that is offline reaches both.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        retry: (failures, error) => failures < 2 && !(error instanceof AnswerError),
        // An unchanged answer is the same object already (its tag says so).
        structuralSharing: false,
      },
    },
  });
}

/** @param path null: nothing is asked yet. */
export function useAnswer<Schema extends z.ZodType>(
  schema: Schema,
  path: string | null,
): UseQueryResult<z.output<Schema>> {
  const source = useSource();
  return useQuery({
    queryKey: [path],
    enabled: path !== null,
    queryFn: async () => schema.parse(await source.get(path ?? '')),
  });
}

/** Rows in one request; a list that is longer is read in several. */
const pageRows = '1000';

/** All rows of a list. */
export function useRows<Row>(
  row: z.ZodType<Row>,
  path: string,
  query: Readonly<Record<string, string | null>> = {},
): UseQueryResult<readonly Row[]> {
  const source = useSource();
  return useQuery({
    queryKey: [answerPath(path, query), 'rows'],
    queryFn: async () => {
      const schema = pageSchema(row);
      // A report holds its lists whole.
      const limit = source.service === null ? {} : { limit: pageRows };
      const rows: Row[] = [];
      for (let cursor: string | null = null; ; ) {
        const asked: string = answerPath(path, { ...query, ...limit, cursor });
        const page = schema.parse(await source.get(asked));
        rows.push(...page.rows);
        if (page.next === null) return rows;
        cursor = page.next;
      }
    },
  });
}
