"""Constitutive laws in pure UFL: they can be evaluated at a point, without a mesh."""

#: What `anodefem list laws` prints: law -> what it says.
LAWS: dict[str, str] = {
    "kinematics": "F = Fe Fp Fc with det Fc = Jc(x); 3D, plane strain, axisymmetry",
    "swelling": "Jc(x) from the card: linear (Vegard) or a monotone table; alike in all directions",
    "anisotropic swelling": "Fc = sum_a Jc^beta_a P_a along x, y, z, or along the radius and "
    "across it",
    "neo-hookean": "G(x)/2 (tr be - 3) + K(x)/2 (ln Je)^2 per swollen, stress-free volume",
    "hencky": "G(x) |ln(be)/2|^2 + K(x)/2 (ln Je)^2 per swollen, stress-free volume",
    "arruda-boyce": "eight-chain rubber with locking stretch (Pade inverse Langevin)",
    "maxwell branches": "G/2 (tr be - 3) each beside the above, with a flow of its own, det Cv = 1",
    "healing": "bonds of the branches break at rate <W/psi_c - 1> and close at <1 - W/psi_c>",
    "rate-independent": "J2 flow at sigma_y(x) + H alpha, return in closed form, det b = 1",
    "overstress": "J2 flow at rate <sigma_eq/sigma_y(x) - 1>^m, solved at each point",
    "power-law": "J2 flow at rate (<sigma_eq - sigma_y(x)>/Y*(x))^(1/m), solved at each point",
    "perzyna": "J2 flow at <sigma_eq - sigma_y(x)> / viscosity, return in closed form",
    "temperature": "diffusivity and rates times exp(-Ea/R (1/T - 1/298.15)) if the card has Ea",
    "chemical potential": "-F U(x) from the open-circuit voltage, ideal or regular solution (two "
    "phases if chi > 2) with gradient energy kappa/2 |grad x|^2; plus d psi/dx",
    "diffusion": "J = -c_max M C^-1 grad mu, M = D(x) / (d mu_chem/dx); D x (1-x) if regular",
    "sei film": "Hencky membrane with E and nu in plane stress, J2 flow, formation strain",
    "film flow": "rate-independent, perzyna <s - s_y>/eta or garofalo A sinh(s/s_ref)",
    "graphene sheet": "Hencky membrane with E h and nu that wrinkles rather than be compressed",
    "third medium": "soft neo-Hookean filler of voids that transmits contact",
}
