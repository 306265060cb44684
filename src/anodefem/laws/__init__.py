"""Constitutive laws in pure UFL: they can be evaluated at a point, without a mesh."""

#: What `anodefem list laws` prints: law -> what it says.
LAWS: dict[str, str] = {
    "kinematics": "F = Fe Fp Fc with isotropic Fc = Jc(x)^(1/3) I; 3D, plane strain, axisymmetry",
    "swelling": "Jc(x) from the card: linear (Vegard) or a monotone table",
    "neo-hookean": "G(x)/2 (tr be - 3) + K(x)/2 (ln Je)^2 per swollen, stress-free volume",
    "arruda-boyce": "eight-chain rubber with locking stretch (Pade inverse Langevin)",
    "rate-independent": "J2 flow at sigma_y(x) + H alpha, return in closed form, det b = 1",
    "overstress": "J2 flow at rate <sigma_eq/sigma_y(x) - 1>^m, solved at each point",
    "chemical potential": "-F U(x) from the open-circuit voltage, or ideal solution; plus d psi/dx",
    "diffusion": "J = -c_max M C^-1 grad mu with M = D / (d mu_chem/dx)",
    "sei film": "incompressible elastic-plastic membrane in plane stress, with formation strain",
    "graphene sheet": "membrane with two-dimensional moduli E h and nu",
    "third medium": "soft neo-Hookean filler of voids that transmits contact",
}
