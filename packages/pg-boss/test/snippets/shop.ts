export interface Order {
  readonly id: string;
  readonly total: number;
}

export interface User {
  readonly id: string;
  readonly email: string;
}
