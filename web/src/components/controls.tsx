import { type ReactElement, useId } from 'react';

export type Option = { readonly value: string; readonly label: string };

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
};

/** One of many. */
export function Select({ label, value, options, onChange }: ChoiceProps): ReactElement {
  const id = useId();
  const known = options.some((option) => option.value === value);
  return (
    <span className="control">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {known ? null : <option value={value}>{value === '' ? 'choose …' : value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}

/** One of a few, all of them seen. */
export function Segments({ label, value, options, onChange }: ChoiceProps): ReactElement {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Toggle(props: {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactElement {
  return (
    <label className="toggle">
      <input
        type="checkbox"
        checked={props.on}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

/** Some of many. */
export function Checklist(props: {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly options: readonly Option[];
  readonly onChange: (chosen: readonly string[]) => void;
}): ReactElement {
  const { chosen, options, onChange } = props;
  const change = (value: string, on: boolean): void =>
    onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <details className="checklist">
      <summary>
        {props.label} <span className="quiet">{chosen.length === 0 ? 'none' : chosen.length}</span>
      </summary>
      <div>
        {options.map(({ value, label }) => (
          <Toggle
            key={value}
            label={label}
            on={chosen.includes(value)}
            onChange={(on) => change(value, on)}
          />
        ))}
      </div>
    </details>
  );
}
