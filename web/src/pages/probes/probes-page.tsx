/** Fitted probes: how well they rank and how far they are off, beside what was to be had without them. */
import type { ReactElement } from 'react';
import { type Probe, probeDetailSchema, probeSchema } from '../../../../src/wire/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { useAnswer, useRows } from '../../data/index.ts';
import { goTo, type Route, routeTo } from '../../state/index.ts';
import { Select } from '../../components/index.ts';
import { Unknown } from '../unknown.tsx';
import { ProbeView } from './probe-view.tsx';
import { Transfers } from './transfers.tsx';

export function ProbesPage({ route }: { readonly route: Route }): ReactElement {
  const query = useRows(probeSchema, '/probes');
  return (
    <Answered query={query} what="the probes">
      {(probes) => {
        const [first] = probes;
        if (first === undefined) return <NoProbes route={route} />;
        const name = route.id ?? first.name;
        if (probes.some((one) => one.name === name)) {
          return <OneProbe key={name} name={name} probes={probes} route={{ ...route, id: name }} />;
        }
        const known = probes.map((one) => ({
          name: one.name,
          address: routeTo('probes', one.name),
        }));
        return <Unknown what="probe" asked={name} known={known} />;
      }}
    </Answered>
  );
}

function OneProbe(props: {
  readonly name: string;
  readonly probes: readonly Probe[];
  readonly route: Route;
}): ReactElement {
  const { name, probes, route } = props;
  const query = useAnswer(probeDetailSchema, `/probes/${encodeURIComponent(name)}`);
  return (
    <>
      <PageHead
        title={name}
        note={
          query.data === undefined
            ? 'probe'
            : `probe · ${query.data.suite} · ${query.data.architecture}`
        }
      >
        <Select
          label="Probe"
          value={name}
          options={probes.map((probe) => ({ value: probe.name, label: probe.name }))}
          onChange={(next) => goTo(routeTo('probes', next))}
        />
      </PageHead>
      <Answered query={query} what={`the probe ${name}`}>
        {(probe) => <ProbeView probe={probe} route={route} />}
      </Answered>
      <Transfers suite={probes.find((probe) => probe.name === name)?.suite ?? null} route={route} />
    </>
  );
}

function NoProbes({ route }: { readonly route: Route }): ReactElement {
  return (
    <>
      <PageHead title="Probes" />
      <Panel title="Fitted probes">
        <Empty
          title="No probe was fitted yet"
          within
          commands={['sonde fit --suite SUITE --checkpoints ID,ID,ID --name first']}
        >
          A probe learns from the outcomes of early checkpoints to read the hidden states of later
          ones:
        </Empty>
      </Panel>
      <Transfers suite={null} route={route} />
    </>
  );
}
