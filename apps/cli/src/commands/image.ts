import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { INSTALLATION } from '../config.js';
import { buildImages } from '../image/build-images.js';
import { dockerImages } from '../image/docker-images.js';
import { formatBytes } from '../terminal/format.js';
import { table } from '../terminal/table.js';
import type { Context } from './context.js';

export function addImageCommands(program: Command, { config, console, signal }: Context): void {
  program
    .command('image')
    .description('images of the runtimes')
    .command('build [runtimes...]')
    .description('build the images of the runtimes whose folder has changed, and write down their digests')
    .option('--rebuild', 'build even where nothing has changed: for new versions of the packages inside')
    .option('--images <folder>', 'the folder of runtimes', INSTALLATION.images)
    .option('-v, --verbose', 'show what the build says')
    .action(async (names: string[], options: { rebuild?: boolean; images: string; verbose?: boolean }) => {
      await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
      const images = await buildImages({
        imagesDir: options.images,
        lockFile: join(config.stateDir, 'runtimes.lock.json'),
        engine: dockerImages(config.dockerSocket),
        names,
        rebuild: options.rebuild ?? false,
        signal,
        onStart: (name) => console.note(`building ${name} …`),
        onLine: (name, line) => {
          if (options.verbose) console.note(console.paint.dim(`${name} | ${line}`));
        },
      });
      const rows = images.map(({ name, imageDigest, bytes, built }) => [
        name,
        built ? 'built' : 'unchanged',
        formatBytes(bytes),
        imageDigest,
      ]);
      const columns = [
        { title: 'runtime' },
        { title: '' },
        { title: 'size', align: 'right' as const },
        { title: 'digest' },
      ];
      for (const line of table(columns, rows)) console.line(line);
    });
}
