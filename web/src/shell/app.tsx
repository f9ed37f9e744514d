import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { Empty } from '../components/index.ts';
import { createQueries, followEvents, type Source, SourceContext } from '../data/index.ts';
import { PageOf } from '../pages/index.tsx';
import { parseRoute, type Route, useHash } from '../state/index.ts';
import { Crash } from './crash.tsx';
import { TopBar } from './top-bar.tsx';

export function App({ source }: { readonly source: Source }): ReactElement {
  const [queries] = useState(createQueries);
  const hash = useHash();
  const route = parseRoute(hash);
  useEffect(() => followEvents(source, queries), [source, queries]);
  useTitle(route);
  return (
    <QueryClientProvider client={queries}>
      <SourceContext value={source}>
        <a
          className="skip"
          href="#main"
          onClick={(event) => {
            event.preventDefault();
            document.getElementById('main')?.focus();
          }}
        >
          Skip to the page
        </a>
        <TopBar route={route} />
        <main id="main" tabIndex={-1}>
          <Crash at={hash}>{route === null ? <NoSuchPage /> : <PageOf route={route} />}</Crash>
        </main>
      </SourceContext>
    </QueryClientProvider>
  );
}

function NoSuchPage(): ReactElement {
  return (
    <Empty title="No such page">
      This address names none of the pages above. <a href="#/overview">Go to the overview</a>.
    </Empty>
  );
}

function useTitle(route: Route | null): void {
  const page = route?.page ?? 'no such page';
  const about = route?.id ?? null;
  useEffect(() => {
    document.title = `${about === null ? page : `${about} · ${page}`} · Sonde`;
  }, [page, about]);
}
