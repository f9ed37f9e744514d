import type { ReactElement } from 'react';
import type { Route } from '../state/index.ts';
import { ComparePage } from './compare/index.ts';
import { DataPage } from './data/index.ts';
import { ForecastPage } from './forecast/index.ts';
import { OverviewPage } from './overview/index.ts';
import { ProbesPage } from './probes/index.ts';
import { RunPage } from './run/index.ts';
import { TaskPage } from './task/index.ts';

export function PageOf({ route }: { readonly route: Route }): ReactElement {
  switch (route.page) {
    case 'overview':
      return <OverviewPage route={route} />;
    case 'run':
      return <RunPage route={route} />;
    case 'task':
      return <TaskPage route={route} />;
    case 'compare':
      return <ComparePage route={route} />;
    case 'forecast':
      return <ForecastPage route={route} />;
    case 'probes':
      return <ProbesPage route={route} />;
    case 'data':
      return <DataPage route={route} />;
  }
}
