import { createRoot } from 'react-dom/client';
import { isReport, reportSource, serviceSource } from './data/index.ts';
import { App } from './shell/index.ts';
import { startTheme } from './state/index.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/tables.css';
import './styles/charts.css';
import './styles/pages.css';

async function start(): Promise<void> {
  startTheme();
  const place = document.getElementById('app');
  if (place === null) throw new Error('main: expected an element `app` in the page');
  const root = createRoot(place);
  try {
    root.render(<App source={isReport() ? await reportSource() : serviceSource()} />);
  } catch (error) {
    root.render(<p role="alert">{error instanceof Error ? error.message : String(error)}</p>);
  }
}

void start();
