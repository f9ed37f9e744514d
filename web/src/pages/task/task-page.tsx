/** The questions of a task along a run: which are solved, when, and how sure. */
import type { ReactElement } from 'react';
import {
  type ItemMatrix,
  itemMatrixSchema,
  type Task,
  taskSchema,
} from '../../../../src/wire/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { answerPath, useAnswer, useRows } from '../../data/index.ts';
import { howMany, points } from '../../format/index.ts';
import { changeParams, type Route, routeTo } from '../../state/index.ts';
import { RunChoice } from '../run-choice.tsx';
import { Unknown } from '../unknown.tsx';
import { ItemDrawer } from './item-drawer.tsx';
import { ItemMap } from './item-map.tsx';
import { LearningOrder } from './learning-order.tsx';
import { RateHistogram } from './rate-histogram.tsx';
import { chosenColumn } from './matrix.ts';
import { TaskControls } from './task-controls.tsx';

export function TaskPage({ route }: { readonly route: Route }): ReactElement {
  const query = useRows(taskSchema, '/tasks');
  return (
    <Answered query={query} what="the tasks">
      {(tasks) => {
        const task = chosenTask(tasks, route);
        if (task === undefined) return <NoTask asked={route.id} tasks={tasks} />;
        const { suite } = task;
        return (
          <RunChoice
            asked={route.params['run'] ?? null}
            address={(run) => routeTo('task', task.task, { suite, run })}
          >
            {(run, runs) => (
              <OneTask task={task} tasks={tasks} run={run} runs={runs} route={route} />
            )}
          </RunChoice>
        );
      }}
    </Answered>
  );
}

function chosenTask(tasks: readonly Task[], { id, params }: Route): Task | undefined {
  if (id === null) return tasks[0];
  const suite = params['suite'];
  return tasks.find((one) => one.task === id && (suite === undefined || one.suite === suite));
}

function OneTask(props: {
  readonly task: Task;
  readonly tasks: readonly Task[];
  readonly run: string;
  readonly runs: readonly string[];
  readonly route: Route;
}): ReactElement {
  const { task, tasks, run, runs, route } = props;
  const { filter = null, probe = null } = route.params;
  const path = answerPath('/items', { suite: task.suite, task: task.task, run, filter, probe });
  const query = useAnswer(itemMatrixSchema, path);
  const matrix = query.data;
  return (
    <>
      <PageHead
        title={task.task}
        note={`${task.suite} · ${howMany(matrix?.items.length ?? task.items, 'question')}${task.chance === null || task.chance === 0 ? '' : ` · guessing gives ${points(task.chance)}`}`}
      >
        <TaskControls
          task={task}
          tasks={tasks}
          run={run}
          runs={runs}
          matrix={matrix ?? null}
          route={{ ...route, id: task.task }}
        />
      </PageHead>
      <Answered query={query} what={`the questions of ${task.task}`}>
        {(answer) =>
          answer.items.length === 0 || answer.checkpoints.length === 0 ? (
            <NoQuestions task={task} run={run} />
          ) : (
            <Questions matrix={answer} route={{ ...route, id: task.task }} />
          )
        }
      </Answered>
    </>
  );
}

function Questions(props: { readonly matrix: ItemMatrix; readonly route: Route }): ReactElement {
  const { matrix, route } = props;
  const item = route.params['item'] ?? null;
  const column = chosenColumn(matrix, route.params['at']);
  const open = (change: Readonly<Record<string, string | null>>): void =>
    changeParams(
      { ...route, params: { ...route.params, suite: matrix.suite, run: matrix.run } },
      change,
    );
  return (
    <div className={item === null ? 'with-drawer' : 'with-drawer open'}>
      <div className="beside-drawer">
        <Panel title="Questions × checkpoints" note="the easiest above; a cell opens its question">
          <ItemMap matrix={matrix} show={route.params['show']} onOpen={open} />
        </Panel>
        <div className="columns">
          <Panel title="Learning order">
            <LearningOrder matrix={matrix} />
          </Panel>
          <Panel title="Rates">
            <RateHistogram matrix={matrix} column={column} />
          </Panel>
        </div>
      </div>
      {item === null ? null : (
        <ItemDrawer key={item} item={item} matrix={matrix} close={() => open({ item: null })} />
      )}
    </div>
  );
}

function NoTask(props: {
  readonly asked: string | null;
  readonly tasks: readonly Task[];
}): ReactElement {
  const { asked, tasks } = props;
  if (asked !== null && tasks.length > 0) {
    const known = tasks.map(({ suite, task }) => ({
      name: `${suite} · ${task}`,
      address: routeTo('task', task, { suite }),
    }));
    return <Unknown what="task" asked={asked} known={known} />;
  }
  return (
    <Empty
      title="There is no task yet"
      commands={['sonde import outcomes.csv', 'sonde label CHECKPOINT --suite SUITE']}
    >
      Tasks come with outcomes: import them, or sample answers to the questions of a suite.
    </Empty>
  );
}

function NoQuestions(props: { readonly task: Task; readonly run: string }): ReactElement {
  const { task, run } = props;
  return (
    <Empty
      title={`Nothing is known of the questions of ${task.task} in ${run}`}
      within
      commands={[
        `sonde label ${run}/CHECKPOINT --suite ${task.suite} --tasks ${task.task}`,
        `sonde predict ${run}/CHECKPOINT --probe NAME`,
      ]}
    >
      The <a href={routeTo('run', run)}>run’s page</a> shows what is known of the whole task. Sample
      answers or predict, for its questions:
    </Empty>
  );
}
