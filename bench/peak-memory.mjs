// With `node --import`: says the peak memory of the process on stderr when it ends.
process.on('exit', () => {
  process.stderr.write(`${JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
});
