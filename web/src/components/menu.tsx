import { type ReactElement, useEffect, useId, useRef, useState } from 'react';

export type MenuEntry = { readonly label: string; readonly act: () => void };

/** A button with a list of actions behind it; closed by Escape, by a choice and by what is done elsewhere. */
export function Menu(props: {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}): ReactElement {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useId();
  useEffect(() => {
    if (!open) return undefined;
    const leave = (event: Event): void => {
      const within = event.target instanceof Node && holder.current?.contains(event.target);
      if (within !== true) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [open]);
  return (
    <div
      className="menu"
      ref={holder}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        ref={button}
        className="icon-button"
        aria-label={props.label}
        aria-expanded={open}
        aria-controls={list}
        title="Export"
        onClick={() => setOpen(!open)}
      >
        <svg aria-hidden="true" viewBox="0 0 16 16" width="14" height="14">
          <path
            d="M8 2v7M5 6.5 8 9.5l3-3M3 11v2.5h10V11"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
          />
        </svg>
      </button>
      <ul id={list} hidden={!open}>
        {props.entries.map(({ label, act }) => (
          <li key={label}>
            <button
              type="button"
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                act();
              }}
            >
              {label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
