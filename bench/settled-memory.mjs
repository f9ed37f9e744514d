// Loaded into a process before its program (`node --expose-gc --import`): collects what can go, and tells what is left, each
// time its parent sends a message.
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ held: heapUsed + external, resident: rss });
});
// A channel keeps a process alive: this one ends when its program does.
process.channel.unref();
