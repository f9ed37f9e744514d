/** What stands where there is nothing to show yet, nothing at all, or no answer. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { AnswerError } from '../data/index.ts';

/** Draws what was answered; meanwhile, or where no answer came, says so. An older answer stays while a newer is asked. */
export function Answered<Data>(props: {
  readonly query: UseQueryResult<Data>;
  /** What is being read, for the reader who waits: `the run`. */
  readonly what: string;
  readonly children: (data: Data) => ReactNode;
}): ReactElement {
  const { query, what, children } = props;
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? <Failure error={query.error} retry={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <p className="loading" role="status">
      Reading {what} …
    </p>
  );
}

function Failure(props: { readonly error: Error; readonly retry: () => void }): ReactElement {
  const { error, retry } = props;
  const signedOut = error instanceof AnswerError && error.status === 401;
  return (
    <div className="failure" role="alert">
      <p>{signedOut ? 'This service asks for its token again.' : explain(error)}</p>
      <button type="button" onClick={signedOut ? () => window.location.reload() : retry}>
        {signedOut ? 'Sign in' : 'Try again'}
      </button>
    </div>
  );
}

/** Nothing to show, and the commands that change it. */
export function Empty(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly commands?: readonly string[];
  /** Part of a page, which has a heading of its own. */
  readonly within?: boolean;
}): ReactElement {
  const Heading = props.within === true ? 'h2' : 'h1';
  return (
    <div className="empty">
      <Heading>{props.title}</Heading>
      <p>{props.children}</p>
      {(props.commands ?? []).map((command) => (
        <pre key={command} tabIndex={0}>
          <code>{command}</code>
        </pre>
      ))}
    </div>
  );
}

function explain(error: Error): string {
  if (error instanceof AnswerError) return error.message;
  if (error.name === 'ZodError') {
    return 'The service answered in a form that this page does not know: it is of another version. Reload the page.';
  }
  return `This page failed: ${error.message}`;
}
