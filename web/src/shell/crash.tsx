import { Component, type ReactNode } from 'react';

type Props = {
  /** The address: another one tries anew. */
  readonly at: string;
  readonly children: ReactNode;
};
type State = { readonly error: Error | null; readonly at: string };

/** A page that fails leaves the others at hand. */
export class Crash extends Component<Props, State> {
  override state: State = { error: null, at: this.props.at };

  static getDerivedStateFromProps({ at }: Props, state: State): State | null {
    return at === state.at ? null : { error: null, at };
  }

  static getDerivedStateFromError(error: unknown): Pick<State, 'error'> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className="failure" role="alert">
        <p>This page failed, which is a mistake in Sonde: {error.message}</p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
