/** Somebody of the demo. `username` is the `sub`. */
export interface DemoPerson {
  readonly username: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly email: string;
}
