/** One question: what it asks, what was answered, and what was predicted along the run. */
import { type ReactElement, useEffect, useRef } from 'react';
import {
  type ItemAnswer,
  type ItemMatrix,
  type Question,
  type ShownItem,
  shownItemSchema,
} from '../../../../src/wire/index.ts';
import { Answered, Status } from '../../components/index.ts';
import { answerPath, useAnswer } from '../../data/index.ts';
import { howMany, withinRun } from '../../format/index.ts';
import { ItemHistory } from './item-history.tsx';

export function ItemDrawer(props: {
  readonly item: string;
  readonly matrix: ItemMatrix;
  readonly close: () => void;
}): ReactElement {
  const { item, matrix, close } = props;
  const { suite, run } = matrix;
  const query = useAnswer(
    shownItemSchema,
    answerPath(`/items/${encodeURIComponent(item)}`, { suite, run }),
  );
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside
      className="panel drawer"
      aria-label={`Question ${item}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {item}
        </h2>
        <div className="actions">
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      </header>
      <ItemHistory item={item} matrix={matrix} />
      <Answered query={query} what={item}>
        {(shown) => (
          <>
            {shown.questions.map((question, index) => (
              <Asked key={index} question={question} />
            ))}
            {shown.questions.length === 0 ? (
              <p className="body note">
                The store knows outcomes of this question, not its words: import a log that holds
                them, or name the suite’s folder once (sonde label … --suite FOLDER).
              </p>
            ) : null}
            <Answers shown={shown} />
          </>
        )}
      </Answered>
    </aside>
  );
}

function Asked({ question }: { readonly question: Question }): ReactElement {
  const { prompt, messages, target, choices } = question;
  return (
    <div className="body asked">
      <h3>Question</h3>
      {prompt === null ? null : <pre tabIndex={0}>{prompt}</pre>}
      {messages?.map(({ role, content }, index) => (
        <pre key={index} tabIndex={0}>
          <b>{role}</b> {content}
        </pre>
      ))}
      {choices === null ? null : (
        <ol>
          {choices.map((choice, index) => (
            <li key={index}>{choice}</li>
          ))}
        </ol>
      )}
      <p>
        <span className="quiet">accepted</span>{' '}
        <code>{target.length === 0 ? 'nothing: it is only read' : target.join('  or  ')}</code>
      </p>
    </div>
  );
}

function Answers({ shown }: { readonly shown: ShownItem }): ReactElement {
  const { answers, answersTotal } = shown;
  return (
    <div className="body">
      <h3>
        Answers{' '}
        <span className="quiet">
          {answersTotal > answers.length
            ? `${answers.length} of ${answersTotal.toLocaleString('en-US')}`
            : howMany(answersTotal, 'answer')}
        </span>
      </h3>
      {answers.length === 0 ? (
        <p className="note">None is kept; outcomes alone were imported.</p>
      ) : null}
      <ul className="answers">
        {answers.map((answer) => (
          <li
            key={`${answer.checkpoint}\n${answer.source}\n${answer.filter ?? ''}\n${answer.sample}`}
          >
            <AnswerLine answer={answer} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function AnswerLine({ answer }: { readonly answer: ItemAnswer }): ReactElement {
  const { checkpoint, sample, grade, filter } = answer;
  return (
    <>
      <div>
        {grade === null ? (
          <Status tone="quiet" label="not graded" />
        ) : (
          <Status
            tone={grade >= 0.5 ? 'good' : 'bad'}
            label={grade === 1 ? 'right' : grade === 0 ? 'wrong' : String(grade)}
          />
        )}
        <span className="quiet">
          {withinRun(checkpoint)}, sample {sample}
          {filter === null ? '' : `, ${filter}`}
        </span>
      </div>
      <pre tabIndex={0}>{answer.answer}</pre>
    </>
  );
}
