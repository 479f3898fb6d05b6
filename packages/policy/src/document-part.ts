import { unknownKeyError } from '@fumehood/schema';
import { z } from 'zod';

/** A strict object whose error for an unknown key names the keys there are. */
export const documentPart = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, { error: unknownKeyError(Object.keys(shape)) });

export const distinct = (items: readonly unknown[]) => new Set(items).size === items.length;
