/**
 * Dense linear algebra on row-major Float64Arrays, for systems of up to a few hundred unknowns. Symmetric positive
 * definite systems go through Cholesky; symmetric eigenproblems through Householder reduction and implicit QL
 * (Martin, Reinsch and Wilkinson; Bowdler and others; the form of EISPACK's tred2 and tql2).
 */

/** Overwrites the lower triangle of the symmetric positive definite `a` (n, n) with L of A = L Lᵀ; false if it is not. */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i += 1) {
    const rowI = i * n;
    for (let j = 0; j < i; j += 1) {
      a[rowI + j] = (a[rowI + j]! - rowProduct(a, rowI, j * n, j)) / a[j * n + j]!;
    }
    const pivot = a[rowI + i]! - rowProduct(a, rowI, rowI, i);
    if (!(pivot > 0)) return false;
    a[rowI + i] = Math.sqrt(pivot);
  }
  return true;
}

/** Σ a[x + k] a[y + k] for k below `count`; four sums side by side, because one would wait for itself. */
function rowProduct(a: Float64Array, x: number, y: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[x + k]! * a[y + k]!;
    s1 += a[x + k + 1]! * a[y + k + 1]!;
    s2 += a[x + k + 2]! * a[y + k + 2]!;
    s3 += a[x + k + 3]! * a[y + k + 3]!;
  }
  for (; k < count; k += 1) s0 += a[x + k]! * a[y + k]!;
  return s0 + s1 + (s2 + s3);
}

/** Solves L Lᵀ x = b in place for the `factor` that `choleskyInPlace` left; `b` is one vector of length n. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i += 1) {
    let sum = b[i]!;
    for (let k = 0; k < i; k += 1) sum -= factor[i * n + k]! * b[k]!;
    b[i] = sum / factor[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k += 1) sum -= factor[k * n + i]! * b[k]!;
    b[i] = sum / factor[i * n + i]!;
  }
}

/** Solves L X = B in place for the `columns` of B (n, columns), row-major: forward substitution only. */
export function forwardSolve(
  factor: Float64Array,
  n: number,
  { values, columns }: { values: Float64Array; columns: number },
): void {
  for (let i = 0; i < n; i += 1) {
    subtractRows(values, columns, { target: i, factor, at: i * n });
    const row = i * columns;
    const scale = 1 / factor[i * n + i]!;
    for (let c = 0; c < columns; c += 1) values[row + c]! *= scale;
  }
}

/** Row `target` less the rows above it times `factor[at + k]`; four rows a sweep, to touch the target less often. */
function subtractRows(
  values: Float64Array,
  columns: number,
  { target, factor, at }: { target: number; factor: Float64Array; at: number },
): void {
  const row = target * columns;
  let k = 0;
  for (; k + 3 < target; k += 4) {
    const from = k * columns;
    const f0 = factor[at + k]!;
    const f1 = factor[at + k + 1]!;
    const f2 = factor[at + k + 2]!;
    const f3 = factor[at + k + 3]!;
    for (let c = 0; c < columns; c += 1) {
      const near = f0 * values[from + c]! + f1 * values[from + columns + c]!;
      const far = f2 * values[from + 2 * columns + c]! + f3 * values[from + 3 * columns + c]!;
      values[row + c]! -= near + far;
    }
  }
  for (; k < target; k += 1) {
    const f = factor[at + k]!;
    for (let c = 0; c < columns; c += 1) values[row + c]! -= f * values[k * columns + c]!;
  }
}

export type Eigen = {
  /** Descending. */
  readonly values: Float64Array;
  /** (n, n) row-major; column j belongs to `values[j]`. */
  readonly vectors: Float64Array;
};

/** Eigenvalues and orthonormal eigenvectors of a symmetric matrix (n, n). O(n³): meant for n up to a few hundred. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const v = Float64Array.from(matrix);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(v, n, { d, e });
  implicitQl(v, n, { d, e });
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => d[b]! - d[a]! || a - b);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let i = 0; i < n; i += 1) vectors[i * n + to] = v[i * n + from]!;
  });
  return { values: Float64Array.from(order, (i) => d[i]!), vectors };
}

type Tridiagonal = { d: Float64Array; e: Float64Array };

function tridiagonalise(v: Float64Array, n: number, { d, e }: Tridiagonal): void {
  if (n === 0) return;
  for (let j = 0; j < n; j += 1) d[j] = v[(n - 1) * n + j]!;
  for (let i = n - 1; i > 0; i -= 1) {
    let scale = 0;
    for (let k = 0; k < i; k += 1) scale += Math.abs(d[k]!);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j += 1) {
        d[j] = v[(i - 1) * n + j]!;
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else h = reflect(v, n, { d, e, i, scale });
    d[i] = h;
  }
  accumulate(v, n, { d, e });
}

/** One Householder step of `tridiagonalise`: eliminates row i, returns h. */
function reflect(
  v: Float64Array,
  n: number,
  { d, e, i, scale }: Tridiagonal & { i: number; scale: number },
): number {
  let h = 0;
  for (let k = 0; k < i; k += 1) {
    d[k]! /= scale;
    h += d[k]! * d[k]!;
  }
  let f = d[i - 1]!;
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  for (let j = 0; j < i; j += 1) e[j] = 0;
  for (let j = 0; j < i; j += 1) {
    f = d[j]!;
    v[j * n + i] = f;
    let sum = e[j]! + v[j * n + j]! * f;
    for (let k = j + 1; k < i; k += 1) {
      sum += v[k * n + j]! * d[k]!;
      e[k]! += v[k * n + j]! * f;
    }
    e[j] = sum;
  }
  f = 0;
  for (let j = 0; j < i; j += 1) {
    e[j]! /= h;
    f += e[j]! * d[j]!;
  }
  const half = f / (h + h);
  for (let j = 0; j < i; j += 1) e[j]! -= half * d[j]!;
  for (let j = 0; j < i; j += 1) {
    f = d[j]!;
    const gj = e[j]!;
    for (let k = j; k < i; k += 1) v[k * n + j]! -= f * e[k]! + gj * d[k]!;
    d[j] = v[(i - 1) * n + j]!;
    v[i * n + j] = 0;
  }
  return h;
}

function accumulate(v: Float64Array, n: number, { d, e }: Tridiagonal): void {
  for (let i = 0; i < n - 1; i += 1) {
    v[(n - 1) * n + i] = v[i * n + i]!;
    v[i * n + i] = 1;
    const h = d[i + 1]!;
    if (h !== 0) {
      for (let k = 0; k <= i; k += 1) d[k] = v[k * n + i + 1]! / h;
      for (let j = 0; j <= i; j += 1) {
        let g = 0;
        for (let k = 0; k <= i; k += 1) g += v[k * n + i + 1]! * v[k * n + j]!;
        for (let k = 0; k <= i; k += 1) v[k * n + j]! -= g * d[k]!;
      }
    }
    for (let k = 0; k <= i; k += 1) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j += 1) {
    d[j] = v[(n - 1) * n + j]!;
    v[(n - 1) * n + j] = 0;
  }
  v[(n - 1) * n + n - 1] = 1;
  e[0] = 0;
}

function implicitQl(v: Float64Array, n: number, { d, e }: Tridiagonal): void {
  for (let i = 1; i < n; i += 1) e[i - 1] = e[i]!;
  if (n > 0) e[n - 1] = 0;
  let f = 0;
  let largest = 0;
  for (let l = 0; l < n; l += 1) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * largest) m += 1;
    for (let sweep = 0; m > l && sweep < 60; sweep += 1) {
      let g = d[l]!;
      let p = (d[l + 1]! - g) / (2 * e[l]!);
      const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
      d[l] = e[l]! / (p + r);
      d[l + 1] = e[l]! * (p + r);
      const next = d[l + 1]!;
      const h = g - d[l]!;
      for (let i = l + 2; i < n; i += 1) d[i]! -= h;
      f += h;
      p = d[m]!;
      let c = 1;
      let c2 = 1;
      let c3 = 1;
      const first = e[l + 1]!;
      let s = 0;
      let s2 = 0;
      for (let i = m - 1; i >= l; i -= 1) {
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * e[i]!;
        const hi = c * p;
        const radius = Math.hypot(p, e[i]!);
        e[i + 1] = s * radius;
        s = e[i]! / radius;
        c = p / radius;
        p = c * d[i]! - s * g;
        d[i + 1] = hi + s * (c * g + s * d[i]!);
        rotate(v, n, { i, c, s });
      }
      p = (-s * s2 * c3 * first * e[l]!) / next;
      e[l] = s * p;
      d[l] = c * p;
      if (Math.abs(e[l]!) <= Number.EPSILON * largest) break;
    }
    d[l]! += f;
    e[l] = 0;
  }
}

function rotate(
  v: Float64Array,
  n: number,
  { i, c, s }: { i: number; c: number; s: number },
): void {
  for (let k = 0; k < n; k += 1) {
    const at = k * n + i;
    const h = v[at + 1]!;
    v[at + 1] = s * v[at]! + c * h;
    v[at] = c * v[at]! - s * h;
  }
}
