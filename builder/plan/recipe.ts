/**
 * Version of what each kind of step does, part of its cache key: raise the number when a change here or in
 * `builder/inside` makes other bytes from the same inputs, so that old entries are not taken for new ones.
 */
export const RECIPE = { packages: 3, programs: 1, files: 3, disk: 2, image: 1 } as const;
