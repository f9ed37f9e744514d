/** Tokens that prompts have in common at their start, and whether it pays to compute them once. */
export type SharedPrefix = {
  /** Tokens in common; 0 at the root, which nothing is computed for. */
  readonly depth: number;
  /** Prompts that begin with them and with no longer shared prefix. */
  readonly prompts: readonly number[];
  /** Longer prefixes that begin with this one. */
  readonly children: readonly SharedPrefix[];
};

export type TrieOptions = {
  /** Longest prefix, and longest sum over a prefix and those that it begins with: their caches are in memory at once. */
  readonly mostTokens: number;
  /** Shares whatever is common, whether it pays or not. */
  readonly always: boolean;
};

/** What a run costs besides its tokens, in tokens: reading the weights, and products too small for the cores. */
const TOKENS_OF_RUN = 64;
/** What attention among packed prompts that do not see each other costs, as a share of their tokens. */
const PACKED_SHARE = 0.15;

type Node = { depth: number; prompts: number[]; children: Node[]; tokens: number };

/**
 * The trie of the prompts, cut down to prefixes that pay. Every prompt is in it once and keeps at least its last token
 * for itself. Equal prompts give equal tries.
 */
export function sharedPrefixes(prompts: readonly Int32Array[], options: TrieOptions): SharedPrefix {
  const bytes = prompts.map((ids) => Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength));
  const order = [...prompts.keys()].sort((a, b) => bytes[a]!.compare(bytes[b]!) || a - b);
  const common = order.map((prompt, i) =>
    i === 0
      ? 0
      : Math.min(commonLength(prompts[order[i - 1]!]!, prompts[prompt]!), options.mostTokens),
  );
  const root = emptyNode(0);
  const open = [root];
  for (const [i, prompt] of order.entries()) {
    const [left, right] = [common[i]!, common[i + 1] ?? 0];
    closeTo(open, left, options);
    if (right > open.at(-1)!.depth) open.push(emptyNode(right));
    const node = open.at(-1)!;
    node.prompts.push(prompt);
    node.tokens += prompts[prompt]!.length;
  }
  closeTo(open, 0, options);
  dropTooDeep(root, 0, options.mostTokens);
  return root;
}

function emptyNode(depth: number): Node {
  return { depth, prompts: [], children: [], tokens: 0 };
}

/** Tokens that both begin with, without the last one of either. */
function commonLength(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length) - 1;
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return Math.max(0, length);
}

/** Closes the open nodes that are deeper than `depth`; the last one left is as deep. */
function closeTo(open: Node[], depth: number, options: TrieOptions): void {
  while (open.at(-1)!.depth > depth) {
    const node = open.pop()!;
    if (open.at(-1)!.depth < depth) open.push(emptyNode(depth));
    const parent = open.at(-1)!;
    if (pays(node, parent.depth, options)) parent.children.push(node);
    else dissolve(node, parent);
  }
}

/** Whether computing the node's tokens beyond `parentDepth` once saves more than it costs. */
function pays(
  { depth, prompts, children, tokens }: Node,
  parentDepth: number,
  { always }: TrieOptions,
): boolean {
  const saved = (prompts.length + children.length - 1) * (depth - parentDepth);
  if (always) return saved > 0;
  const own = tokens - prompts.length * depth;
  return saved > 2 * TOKENS_OF_RUN + PACKED_SHARE * own;
}

/** Hands all that the node has to its parent; the longer list stays where it is. */
function dissolve(node: Node, parent: Node): void {
  if (node.prompts.length > parent.prompts.length) {
    [node.prompts, parent.prompts] = [parent.prompts, node.prompts];
  }
  if (node.children.length > parent.children.length) {
    [node.children, parent.children] = [parent.children, node.children];
  }
  for (const prompt of node.prompts) parent.prompts.push(prompt);
  for (const child of node.children) parent.children.push(child);
  parent.tokens += node.tokens;
}

/** Dissolves nodes whose caches do not fit beside those of the prefixes that they begin with. */
function dropTooDeep(root: Node, held: number, mostTokens: number): void {
  const pending = [{ node: root, held }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    const kept: Node[] = [];
    const children = node.children;
    node.children = [];
    while (children.length > 0) {
      const child = children.pop()!;
      if (next.held + child.depth <= mostTokens) kept.push(child);
      else {
        for (const prompt of child.prompts) node.prompts.push(prompt);
        for (const grandchild of child.children) children.push(grandchild);
      }
    }
    node.children = kept;
    for (const child of kept) pending.push({ node: child, held: next.held + child.depth });
  }
}
