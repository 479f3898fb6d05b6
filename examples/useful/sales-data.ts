// Makes up the sales of a small shop: the same every time. Writes sales.csv.
import { writeFileSync } from 'node:fs';

interface Sale {
  readonly date: string;
  readonly region: Region;
  readonly product: string;
  readonly units: number;
  readonly price: number;
}

enum Region {
  North = 'north',
  East = 'east',
  South = 'south',
  West = 'west',
}

const ROWS = 5_000;
const PRODUCTS: ReadonlyMap<string, number> = new Map([
  ['beaker', 4.5],
  ['flask', 7.25],
  ['burner', 38],
  ['goggles', 12.9],
  ['gloves', 9.4],
]);

/** A small linear congruential generator, so that everybody gets the same numbers. Returns 0 ≤ n < 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

class Shop {
  constructor(private readonly random: () => number) {}

  sale(): Sale {
    const day = Math.floor(this.random() * 365);
    const season = 1 + 0.45 * Math.sin((2 * Math.PI * (day - 80)) / 365);
    const [product, price] = this.pick([...PRODUCTS]);
    return {
      date: new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
      region: this.pick(Object.values(Region)),
      product,
      units: 1 + Math.floor(this.random() * 9 * season),
      price: Math.round(price * (0.9 + 0.2 * this.random()) * 100) / 100,
    };
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

const shop = new Shop(generator(20_250_101));
const sales = Array.from({ length: ROWS }, () => shop.sale()).sort((a, b) =>
  a.date < b.date ? -1 : a.date > b.date ? 1 : 0,
);
const lines = sales.map((sale) =>
  [sale.date, sale.region, sale.product, sale.units, sale.price.toFixed(2)].join(','),
);
writeFileSync('sales.csv', ['date,region,product,units,price', ...lines, ''].join('\n'));

const units = sales.reduce((sum, sale) => sum + sale.units, 0);
console.log(
  `Node ${process.versions.node} wrote sales.csv: ${sales.length} sales, ${units} units, ${PRODUCTS.size} products`,
);
