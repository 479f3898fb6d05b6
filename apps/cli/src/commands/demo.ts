import { relative } from 'node:path';
import type { Command } from 'commander';
import { INSTALLATION } from '../config.js';
import { runDemo } from '../demo/run-demo.js';
import { startFleet } from '../up/start-fleet.js';
import type { Context } from './context.js';

/** CPUs that the demo's worker promises: four small jobs side by side, also on a smaller machine. */
const CPUS = 4;

export function addDemoCommand(program: Command, context: Context): void {
  const { console, config } = context;
  program
    .command('demo')
    .description('run good and hostile jobs in a fleet of its own, and check that each ends as it must')
    .option('-o, --output <folder>', 'where collected files go', 'demo-output')
    .action(async (options: { output: string }) => {
      const good = await runDemo({
        console,
        interactive: process.stdout.isTTY === true,
        examplesDir: INSTALLATION.examples,
        outputDir: options.output,
        stateDir: config.stateDir,
        command: `node ${relative('', process.argv[1] ?? 'fumehood')}`,
        signal: context.signal,
        startFleet: (stateDir, onProgress) =>
          startFleet({
            config: { ...config, stateDir, redisUrl: undefined },
            apiPort: 0,
            cpus: CPUS,
            onProgress,
          }),
      });
      if (!good) context.exit(1);
    });
}
