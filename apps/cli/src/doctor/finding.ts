/** good: as it should be; weak: jobs run, with less protection or at a risk; bad: no job can run. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'good' | 'weak' | 'bad';
  readonly detail: string;
  /** What to do about it; empty when it is good. */
  readonly fix: string;
}

export const good = (what: string, detail: string): Finding => ({ what, verdict: 'good', detail, fix: '' });
export const weak = (what: string, detail: string, fix: string): Finding => ({
  what,
  verdict: 'weak',
  detail,
  fix,
});
export const bad = (what: string, detail: string, fix: string): Finding => ({
  what,
  verdict: 'bad',
  detail,
  fix,
});
