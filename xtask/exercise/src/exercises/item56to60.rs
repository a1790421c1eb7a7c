use crate::Exercise; pub const EXERCISES: [Exercise; 0] = [];
